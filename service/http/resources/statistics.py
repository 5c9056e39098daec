"""Public answers that programs read: stats, durations, the widget, views, units and formulas."""

from flask import Blueprint, request

from service.domain.statistics.durations import BASES
from service.domain.statistics.formulas import FORMULAS
from service.domain.statistics.targets import measure_targets
from service.http.portal_widget import portal_widget
from service.http.request import components, is_stale, now, requested_question
from service.http.response_cache import Rendered, cache_key, public
from service.http.responses import rendered_csv, rendered_json
from service.reporting.answers.comparison_json import answer_json
from service.reporting.answers.duration_json import duration_rows, durations_json
from service.reporting.answers.durations import durations as measure
from service.reporting.portal.views_json import views_json
from service.reporting.report import report
from service.reporting.report_json import formula_json, unit_json
from service.schemas.question_input import QueryError, choice
from service.store import catalogue

blueprint = Blueprint("statistics", __name__, url_prefix="/api/v1")


def _required_unit() -> str:
    if unit := request.args.get("unit"):
        return unit
    raise QueryError({"unit": ["Bắt buộc phải có, ví dụ unit=H23.45 (required)"]})


@public(blueprint, "/stats")
def stats() -> Rendered:
    """Return the counts and rates of a unit over a period."""
    requested, parts = requested_question(_required_unit()), components()
    with_target = choice("target", request.args.get("target"), ("off", "on")) == "on"
    with parts.database.reading() as session:
        answered = report(session, requested.question, parts.hours)
        tree = catalogue.unit_tree(session) if with_target else None
    if _wants_csv():
        return rendered_csv(answered)
    content = answer_json(answered, is_stale(answered), requested.all_formulas)
    if tree:
        measured = measure_targets(answered, parts.settings.targets_by_unit, tree)
        content["target"] = measured and measured._asdict()
    return rendered_json(content)


def _wants_csv() -> bool:
    format_ = request.args.get("format", "")
    if format_ not in ("", "json", "csv"):
        raise QueryError({"format": ["Dùng json hoặc csv (use json or csv)"]})
    return format_ == "csv" or (not format_ and cache_key(request.environ).takes_csv)


@public(blueprint, "/durations")
def durations() -> Rendered:
    """Return how long the resolved dossiers of a unit took."""
    question, parts = requested_question(_required_unit()).question, components()
    by = choice("by", request.args.get("by"), BASES)
    with parts.database.reading() as session:
        measured = measure(session, question, by, parts.hours)
    if _wants_csv():
        return rendered_csv(measured.report, duration_rows(measured))
    return rendered_json(durations_json(measured, is_stale(measured.report)))


@public(blueprint, "/widget/<unit>")
def widget(unit: str) -> Rendered:
    """Return the portal widget of a unit."""
    return rendered_json(portal_widget(unit)[-1])


@public(blueprint, "/views/<unit>")
def views(unit: str) -> Rendered:
    """Say how often a unit's widget and page were seen."""
    with components().database.reading() as session:
        return rendered_json(views_json(session, unit, now()))


@public(blueprint, "/units")
def units() -> Rendered:
    """Return every unit, by name."""
    with components().database.reading() as session:
        tree = catalogue.unit_tree(session)
    return rendered_json({"units": [unit_json(unit) for unit in catalogue.by_name(tree.units.values())]})


@public(blueprint, "/formulas")
def formulas() -> Rendered:
    """Explain every formula: its parts in words, and who publishes it."""
    return rendered_json({"formulas": [formula_json(formula) for formula in FORMULAS.values()]})
