"""The description of what operators read."""

from service.http.openapi.parts import TEXT, Described, answer, content, operation, problems
from service.schemas.answers.operations import Health, Readiness


def paths() -> dict[str, Described]:
    """Describe health, readiness and metrics."""
    return {"/healthz": {"get": _health()}, "/readyz": {"get": _readiness()}, "/metrics": {"get": _metrics()}}


def _health() -> Described:
    responses = {"200": answer("it answers", content(Health))}
    return operation(
        "getHealth", "operate", "Tiến trình trả lời / The process answers", "Touches no database.", responses
    )


def _readiness() -> Described:
    ready, not_ready = (answer(text, content(Readiness)) for text in ("ready", "not ready"))
    about = "Whether the database can be reached and has the newest schema."
    responses = {"200": ready, "503": not_ready}
    return operation("getReadiness", "operate", "Sẵn sàng làm việc / Ready to work", about, responses)


def _metrics() -> Described:
    scraped = answer("metrics", content(TEXT, "text/plain"), content(TEXT, "application/openmetrics-text"))
    return operation(
        "getMetrics", "operate", "Số đo Prometheus / Prometheus metrics", "Needs a token where one is set.",
        {"200": scraped, **problems(401)}, security=[{}, {"metricsToken": []}],
    )  # fmt: skip
