"""The description of what operators read."""

from service.http.openapi.parts import TEXT, Described, answer, content, operation, parameter, problems
from service.schemas.answers.operations import Health, Readiness


def paths() -> dict[str, Described]:
    """Describe health, readiness and metrics."""
    return {
        "/healthz": {"get": _health()},
        "/readyz": {"get": _readiness()},
        "/metrics": {"get": _metrics()},
        "/metrics/units": {"get": _unit_metrics()},
    }


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
    about = "Needs a token where one is set. `units=0` leaves out the gauges of the units."
    units = parameter("units", "0 leaves out the gauges of the units", {"type": "string", "default": "1"})
    return _scraped("getMetrics", "Số đo Prometheus / Prometheus metrics", about, units)


def _unit_metrics() -> Described:
    about = "The gauges of the units alone, to be scraped slower and from one replica."
    return _scraped("getUnitMetrics", "Số đo của các đơn vị / Metrics of the units", about)


def _scraped(name: str, title: str, about: str, *parameters: Described) -> Described:
    scraped = answer("metrics", content(TEXT, "text/plain"), content(TEXT, "application/openmetrics-text"))
    return operation(
        name,
        "operate",
        title,
        about,
        {"200": scraped, **problems(401)},
        security=[{}, {"metricsToken": []}],
        parameters=list(parameters),
    )
