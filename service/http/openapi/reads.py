"""The description of what anybody may read, and of what a source may read of its own."""

from typing import Any

from service.http.openapi.parts import CSV, TEXT, WITH_KEY, Described, answer, content, operation, parameter, problems
from service.http.portal_widget import VARIANTS
from service.schemas.answers.dossiers import DossierHistory, Quality
from service.schemas.answers.durations import Durations
from service.schemas.answers.operations import OEmbed, Shield
from service.schemas.answers.statistics import Formulas, Stats, Units
from service.schemas.answers.views import Views
from service.schemas.answers.widget import Widget
from service.schemas.question_input import DurationsSchema, QuestionSchema, StatsSchema

UNIT = parameter("unit", "agency code, in either style", place="path", example="H23.45")
QUESTION: Described = {"in": "query", "schema": QuestionSchema}
NOT_CHANGED: Described = {"304": {"description": "the client has this answer already (If-None-Match)"}}


WIDGET_OPTIONS = [
    parameter(
        "variant", "ranking, table, chart: with a table of units or months", {"type": "string", "enum": [*VARIANTS]}
    ),
    parameter("counter", "on: how often the unit was seen, too", {"type": "string", "enum": ["off", "on"]}),
]


def paths() -> dict[str, Described]:
    """Describe every route that is read."""
    return {
        "/api/v1/stats": {"get": _stats()},
        "/api/v1/durations": {"get": _durations()},
        "/api/v1/widget/{unit}": {
            "get": _of_unit("getWidget", "Tiện ích cho cổng / The portal widget", Widget, *WIDGET_OPTIONS)
        },
        "/api/v1/views/{unit}": {"get": _views()},
        "/api/v1/units": {"get": _list("listUnits", "Các đơn vị / Units", Units)},
        "/api/v1/formulas": {"get": _list("listFormulas", "Các công thức / Formulas", Formulas)},
        "/api/v1/dossiers/{code}": {"get": _history()},
        "/api/v1/quality": {"get": _quality()},
        "/badge/{unit}.json": {"get": _of_unit("getShield", "Huy hiệu shields.io / shields.io badge", Shield)},
        "/oembed": {"get": _oembed()},
    }


def _of_unit(name: str, summary: str, shape: Any, *options: Described) -> Described:
    responses = {"200": answer(summary, content(shape)), **NOT_CHANGED, **problems(404, 503)}
    about = "The same numbers as stats, for the same question."
    return operation(name, "read", summary, about, responses, parameters=[UNIT, QUESTION, *options])


def _views() -> Described:
    responses = {"200": answer("views by kind", content(Views)), **NOT_CHANGED, **problems(404, 503)}
    about = "Answers that were given, repeated ones and 304 included; nothing about who asked. Written every minute."
    return operation("getViews", "read", "Lượt xem / Views of a unit", about, responses, parameters=[UNIT])


def _list(name: str, summary: str, shape: Any) -> Described:
    responses = {"200": answer(summary, content(shape)), **NOT_CHANGED, **problems(503)}
    return operation(name, "read", summary, "Everything in one answer.", responses)


def _stats() -> Described:
    answered = answer("counts, rates and groups", content(Stats), content(TEXT, CSV))
    return operation(
        "getStats", "read", "Số liệu của một đơn vị / Statistics of a unit",
        "Counts, rates and groups of a unit over a period, as of a moment.",
        {"200": answered, **NOT_CHANGED, **problems(404, 503)}, parameters=[{"in": "query", "schema": StatsSchema}],
    )  # fmt: skip


def _durations() -> Described:
    taken = answer("working days used, and the distance to the deadline", content(Durations), content(TEXT, CSV))
    return operation(
        "getDurations", "read", "Thời gian giải quyết / How long dossiers took",
        "Working days from receipt to end without paused ones, of resolved dossiers; formulas play no part.",
        {"200": taken, **NOT_CHANGED, **problems(404, 503)}, parameters=[{"in": "query", "schema": DurationsSchema}],
    )  # fmt: skip


def _history() -> Described:
    answered = answer("state, versions, and how the due moment was reached", content(DossierHistory))
    return operation(
        "getDossier", "own", "Lịch sử một hồ sơ của chính nguồn / History of one's own dossier",
        "Only a dossier of the asking source is answered.",
        {"200": answered, **problems(401, 403, 404, 503)},
        security=WITH_KEY, parameters=[parameter("code", "code of the dossier", place="path")],
    )  # fmt: skip


def _quality() -> Described:
    limit = {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}
    parameters = [
        parameter("unit", "agency code, with its subtree"),
        parameter("source", "source code; only with that source's key"),
        parameter("kind", "work list: one kind of warning"),
        parameter("after", "work list: the `next` of the page before"),
        parameter("limit", "work list: dossiers on a page", limit),
    ]
    answered = answer("counts by kind and unit; with a key also the work list", content(Quality))
    return operation(
        "getQuality", "own", "Chất lượng dữ liệu / Quality of data",
        "How many dossiers look wrong, and why; with a key also which ones.",
        {"200": answered, **NOT_CHANGED, **problems(401, 403, 404, 503)},
        security=[{}, *WITH_KEY], parameters=parameters,
    )  # fmt: skip


def _oembed() -> Described:
    number = {"type": "integer", "minimum": 1}
    parameters = [
        parameter("url", "address of a unit's page here") | {"required": True},
        parameter("format", "json or xml", {"type": "string", "enum": ["json", "xml"], "default": "json"}),
        parameter("maxwidth", "greatest width in pixels", number),
        parameter("maxheight", "greatest height in pixels", number),
    ]
    answered = answer("how to embed it", content(OEmbed), content(TEXT, "text/xml"))
    return operation(
        "getOEmbed", "embed", "Mã nhúng theo oEmbed / oEmbed",
        "Takes the address of a unit's page on this site (oembed.com).",
        {"200": answered, **NOT_CHANGED, **problems(404, 501, 503)}, parameters=parameters,
    )  # fmt: skip
