"""Read: stats and the widget, units and formulas. Public, for every origin."""

import csv
import io
from typing import Any

import orjson
from flask import Blueprint, Response, request

from service.domain.formulas import FORMULAS
from service.domain.question import Report
from service.http.caching import Rendered, public_answer
from service.http.context import now, service
from service.schemas.answers import formula_json, stats_json, table_rows, unit_json, widget_json
from service.schemas.queries import Asked, QueryError, ask
from service.usecases import catalogue
from service.usecases.report import report

blueprint = Blueprint("statistics", __name__, url_prefix="/api/v1")


def asked(unit: str) -> Asked:
    """Read this request's question about a unit."""
    return ask(unit, request.args, now(), service().settings.calendar)


def answer(question: Asked) -> Report:
    """Answer a question in one reading transaction."""
    parts = service()
    with parts.database.reading() as session:
        return report(session, question.question, parts.hours)


def is_stale(found: Report) -> bool:
    """Say whether the data behind a report are older than the setting allows."""
    return found.stale(service().settings.stale_after)


def rendered_json(content: dict[str, Any]) -> Rendered:
    """Return JSON whose identity leaves out the moment of asking."""
    identity = {name: value for name, value in content.items() if name != "as_of"}
    route = str(request.url_rule)
    return Rendered(orjson.dumps(content), "application/json", orjson.dumps(identity), route=route)


@blueprint.get("/stats")
def stats() -> Response:
    """Return the counts and rates of a unit over a period."""
    unit = request.args.get("unit", "")
    if not unit:
        raise QueryError({"unit": ["Bắt buộc phải có, ví dụ unit=H23.45 (required)"]})
    return public_answer(lambda: _stats(unit))


def _stats(unit: str) -> Rendered:
    question = asked(unit)
    found = answer(question)
    if _wants_csv():
        return _csv(found)
    return rendered_json(stats_json(found, is_stale(found), question.all_formulas))


def _wants_csv() -> bool:
    format_ = request.args.get("format", "")
    if format_ not in ("", "json", "csv"):
        raise QueryError({"format": ["Dùng json hoặc csv (use json or csv)"]})
    best = request.accept_mimetypes.best_match(["application/json", "text/csv"], "application/json")
    return format_ == "csv" or (not format_ and best == "text/csv")


def _csv(found: Report) -> Rendered:
    text = io.StringIO()
    csv.writer(text).writerows([_safe(cell) for cell in row] for row in table_rows(found))
    body = text.getvalue().encode("utf-8-sig")  # Excel reads UTF-8 only with its mark
    name = f"{found.unit.code}-{found.question.period.name}".replace("/", "_")
    return Rendered(body, "text/csv; charset=utf-8", body, f'attachment; filename="{name}.csv"')


def _safe(cell: str | int | None) -> str | int | None:
    """Return a cell that no spreadsheet takes for a formula."""
    if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{cell}"
    return cell


@blueprint.get("/widget/<unit>")
def widget(unit: str) -> Response:
    """Return the portal widget of a unit."""
    return public_answer(lambda: _widget(unit))


def _widget(unit: str) -> Rendered:
    question = asked(unit)
    found = answer(question)
    return rendered_json(widget_json(found, is_stale(found), details_url(found.unit.code), question.lang))


def details_url(code: str) -> str:
    """Return the address of a unit's page, with the question that was asked."""
    base = service().settings.public_url or request.host_url.rstrip("/")
    return f"{base}/units/{code}"


@blueprint.get("/units")
def units() -> Response:
    """Return every unit, by name."""
    return public_answer(_units)


def _units() -> Rendered:
    with service().database.reading() as session:
        tree = catalogue.unit_tree(session)
    return rendered_json({"units": [unit_json(unit) for unit in catalogue.by_name(tree.units.values())]})


@blueprint.get("/formulas")
def formulas() -> Response:
    """Explain every formula: its parts in words, and who publishes it."""
    content = {"formulas": [formula_json(formula) for formula in FORMULAS.values()]}
    return public_answer(lambda: rendered_json(content))
