"""The description of what browsers ask for: every parameter of every route is known to the description.

The API refuses a parameter that is not described. Pages for people ignore it, since sites that link
to them add their own (`fbclid`, `utm_source`).
"""

from collections.abc import Iterable
from typing import Any

from service.http.openapi.parts import CSV, JSON, PROBLEM, TEXT, Described, answer, content, operation, parameter
from service.http.openapi.reads import NOT_CHANGED, QUESTION, UNIT, WIDGET_OPTIONS
from service.http.problems import TITLES
from service.schemas.answers.form import Form
from service.schemas.answers.problems import Problem

HTML, SVG, SCRIPT, STYLE = "text/html", "image/svg+xml", "text/javascript", "text/css"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FILE: Described = {"type": "string", "contentMediaType": "application/octet-stream"}


def paths() -> dict[str, Described]:
    """Describe pages, embeds, badges, the form and the files that pages need."""
    form = "Biểu II.06a / Form II.06a"
    name = parameter("name", "name of the file", place="path")
    return {
        "/": _get("getIndex", "Các đơn vị / Units", [_LANG, *_SEARCH], [HTML]),
        "/status": _get("getStatusPage", "Trạng thái hệ thống / Status of the system", [_LANG], [HTML]),
        "/units/{unit}": _get(
            "getUnitPage", "Trang của đơn vị / Page of a unit", [UNIT, QUESTION, _SORT, _DAYS], [HTML]
        ),
        "/units/{unit}/embed": _get("getHowToEmbed", "Cách nhúng / How to embed", _EMBED, [HTML]),
        "/units/{unit}/report.xlsx": _get("getFormWorkbook", form, [UNIT, QUESTION], [_XLSX], _FILE),
        "/units/{unit}/report.json": _get("getForm", form, [UNIT, QUESTION], [JSON], Form),
        "/units/{unit}/report.csv": _get("getFormTable", form, [UNIT, QUESTION, _CONSOLIDATED], [CSV]),
        "/embed/{unit}": _get("getEmbed", "Tiện ích để nhúng / The widget as a page", [UNIT, QUESTION, *_LOOK], [HTML]),
        "/badge/{unit}.svg": _get("getBadge", "Huy hiệu / Badge", [UNIT, QUESTION], [SVG]),
        "/widget.js": _get("getElement", "Phần tử <tthc-widget> / The element", [], [SCRIPT]),
        "/embed.js": _get("getFrameScript", "Chiều cao của khung / The height of a frame", [], [SCRIPT]),
        "/static/{name}": _get("getStaticFile", "Tệp tĩnh / Static file", [name, _VERSION], [STYLE, SCRIPT, SVG]),
        "/clients": _get("getClients", "Cách gửi hồ sơ bằng một tệp / How to push with one file", [], _CLIENTS),
        "/clients/{name}": _get("getClient", "Hộp thư đi / An outbox in one file", [name], _CLIENTS),
        "/docs": _get("getDocs", "Tài liệu API / API documentation", [], [HTML]),
        "/docs/assets/{name}": _get(
            "getDocsFile",
            "Tệp của trang tài liệu / File of the documentation",
            [name],
            [STYLE, SCRIPT, "image/png", HTML],
        ),
        "/docs/init.js": _get("getDocsStart", "Tệp của trang tài liệu / File of the documentation", [], [SCRIPT]),
        "/openapi.json": _get(
            "getDescription",
            "Bản mô tả này / This description",
            [],
            [JSON],
            {"type": "object", "additionalProperties": True},
        ),
    }


_CLIENTS = ["text/x-python", SCRIPT, "text/markdown"]


def _choice(name: str, about: str, *choices: str) -> Described:
    return parameter(name, about, {"type": "string", "enum": list(choices)})


_LANG = _choice("lang", "language", "vi", "en")
_SEARCH = (parameter("q", "search"), parameter("under", "agency code"))
_SORT = parameter("sort", "column of the table of units; - in front puts the largest first")
_CONSOLIDATED = _choice("consolidated", "1: the consolidated form of a province, by level and field", "0", "1")
_FROZEN = _choice("frozen", "1: the code to copy keeps the moment of as_of; else it stays up to date", "0", "1")
_DAYS = _choice("days", "1: with the working days that dossiers took", "0", "1")
_LOOK = [
    *WIDGET_OPTIONS, parameter("accent", "RRGGBB"),
    _choice("theme", "colours", "auto", "light", "dark"), _choice("header", "off: without title and unit", "on", "off"),
]  # fmt: skip
_EMBED = [UNIT, QUESTION, _FROZEN, _choice("width", "of the frame to copy", "230", "300", "360", "100%"), *_LOOK]
_VERSION = parameter("v", "version of the file")


def _get(name: str, summary: str, parameters: list[Described], media: Iterable[str], shape: Any = TEXT) -> Described:
    answered = answer(summary, *(content(shape, kind) for kind in media))
    responses = {"200": answered, **NOT_CHANGED, **{str(status): _problem(status) for status in (400, 404, 503)}}
    about = "For browsers; a person who asked for a page is told of a problem by a page."
    return {"get": operation(name, "pages", summary, about, responses, parameters=parameters)}


def _problem(status: int) -> Described:
    return answer(TITLES[status], content(Problem, PROBLEM), content(TEXT, HTML))
