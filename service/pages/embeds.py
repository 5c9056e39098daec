"""What other sites put on their pages: the widget as a page, the badge, and oEmbed."""

import re
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

from flask import Blueprint, Response, get_template_attribute, request

from service.domain.both_languages import Words
from service.domain.json_beside import json_beside
from service.http.addresses import QUESTION_PARAMETERS, base_url, root_path, with_parameters
from service.http.portal_widget import VARIANTS, portal_widget
from service.http.problems import Problem
from service.http.request import answer, answered_in_total, components, is_stale, now
from service.http.response_cache import Rendered, public
from service.http.responses import compress, page, rendered_json
from service.http.security_headers import protect_embed, protect_image
from service.pages.labels import in_language
from service.reporting.report_json import coverage_text, overdue_text, percent_text, widget_json
from service.schemas.question_input import choice, read_question

blueprint = Blueprint("embeds", __name__)
blueprint.after_request(compress)

WIDTHS, WIDTH = ("230", "300", "360", "100%"), 360
"""The widths that are offered, and the usual one."""
NOTE = 60
"""Pixels that an iframe needs more than the element: room for the note that the data may be old."""
_SIZES = json_beside(__file__)
"""For each variant, by width (as in WIDTHS): `letters` of a line; in pixels the height of a `row`, of all `rows`
at most, and of all `else`, with room for one more line."""
ACCENT = "0b4f7d"
"""The widget's own colour."""
_SHIELD_SECONDS = 300
_FRAMED = re.compile(r"/(?:units|embed)/([^/]+)(?:/embed)?/?")


def widget_height(variant: str, width: str, widget: dict[str, Any], header: str = "on") -> int:
    """Return how many pixels a portal keeps free for a widget with these texts and rows: nothing moves later."""
    place, size, table = WIDTHS.index(width), _SIZES[variant], widget.get("table", {})
    headings = [] if header == "off" else [widget["title"], widget["unit"]["name"] or ""]
    texts = [*headings, *widget["text"].values(), table.get("note", "")]
    flowing = [" · ".join(texts)] if variant == "line" else texts
    lines = sum(-(-len(text) // size["letters"][place]) for text in flowing)
    return int(size["else"][place] + 24 * lines + min(size["row"][place] * len(table.get("rows", ())), size["rows"]))


@blueprint.get("/embed/<unit>")
def embed(unit: str) -> Response:
    """Show the portal widget as a page of its own."""
    return protect_embed(page("embed.html", lambda: embed_values(unit)))


def embed_values(unit: str) -> dict[str, Any]:
    """Return what the template of the widget shows."""
    question, report, widget = portal_widget(unit)
    return {
        "widget": widget,
        "unit": report.unit,
        "question": report.question,
        "unit_name": report.unit.name or report.unit.code,
        "explanation": question.question.formulas[0].explanation(question.lang),
        "variant": choice("variant", request.args.get("variant"), VARIANTS),
        "theme": choice("theme", request.args.get("theme"), ("light", "dark", "auto")),
        "header": choice("header", request.args.get("header"), ("on", "off")),
        "lang": question.lang,
    }


@blueprint.get("/badge/<unit>.svg")
def badge(unit: str) -> Response:
    """Show the rate as a small image."""
    return protect_image(page("badge.svg", lambda: _badge_values(unit), "image/svg+xml; charset=utf-8"))


@public(blueprint, "/badge/<unit>.json")
def badge_json(unit: str) -> Rendered:
    """Return the rate in the schema of the shields.io endpoint badge."""
    values = _badge_values(unit)
    shown = {"label": values["label"], "message": values["message"], "color": values["colour"].lstrip("#")}
    return rendered_json({"schemaVersion": 1, **shown, "cacheSeconds": _SHIELD_SECONDS})


def _badge_values(unit: str) -> dict[str, Any]:
    question, report = answered_in_total(unit)
    rates = report.rates[0]
    say = in_language(question.lang)
    short = rates.formula.short or Words("TTHC đúng hạn", "on time")
    label = say(*short)[0].upper() + say(*short)[1:]
    message = " · ".join(filter(None, (percent_text(rates.headline.percent), overdue_text(rates, question.lang))))
    if note := coverage_text(report.coverage, question.lang).get("rate_note"):
        message = f"{message} ({note})"
    is_grey = rates.headline.percent is None or is_stale(report)
    period = report.question.period
    return {
        "label": label,
        "message": message,
        # Every rate has the same colour: red or green would judge it.
        "colour": "#5c6670" if is_grey else "#0b4f7d",
        "label_width": _text_width(label) + 14,
        "message_width": _text_width(message) + 14,
        "title": f"{report.unit.name or report.unit.code} – {say(period.label, period.label_en)} – {label}: {message}",
        "formula": rates.formula.id,
        "lang": question.lang,
    }


def _text_width(text: str) -> int:
    """Estimate the width of a text at 11 px in the badge's font; `textLength` stretches the text to it."""
    narrow = sum(character in " .,:ijlItf'" for character in text)
    wide = sum(character.isupper() or character in "%m" for character in text)
    return 7 * len(text) - 3 * narrow + wide


@public(blueprint, "/oembed")
def oembed() -> Rendered:
    """Say how to embed the unit whose page's address was given (oembed.com)."""
    format_ = request.args.get("format") or "json"
    if format_ not in ("json", "xml"):
        raise Problem(501, "Dùng format=json hoặc format=xml (use format=json or format=xml)")
    if format_ == "json":
        return rendered_json(_oembed())
    root = Element("oembed")
    for name, value in _oembed().items():
        SubElement(root, name).text = str(value)
    body = tostring(root, encoding="utf-8", xml_declaration=True)
    return Rendered(body, "text/xml; charset=utf-8", body)


def _oembed() -> dict[str, Any]:
    unit, params = _framed_question(request.args.get("url", ""))
    settings = components().settings
    question = read_question(unit, params, now(), settings.calendar, settings.coverage_working_days)
    report = answer(question)
    widget = widget_json(report, False, "", question.lang)
    width = _size("maxwidth", WIDTH)
    fitting = max((offered for offered in WIDTHS[:3] if int(offered) <= width), default=WIDTHS[0])
    height = _size("maxheight", widget_height("card", fitting, widget) + NOTE)
    asked = {name: params.get(name) for name in QUESTION_PARAMETERS}
    src = with_parameters(f"{base_url()}/embed/{report.unit.code}", asked)
    title = f"{widget['title']} – {report.unit.name or report.unit.code}"
    return {
        "version": "1.0",
        "type": "rich",
        "title": title,
        "provider_name": in_language(question.lang)("Thống kê giải quyết TTHC", "Administrative procedure statistics"),
        "provider_url": f"{base_url()}/",
        "cache_age": _SHIELD_SECONDS,
        "width": width,
        "height": height,
        "html": snippet("iframe", src=src, title=title, width=width, heights=[height], theme="light"),
    }


def snippet(kind: str, /, **values: Any) -> str:
    """Return a piece of code for a portal's page, with its values escaped."""
    # str(): a page that shows the code as text escapes it once more.
    return str(get_template_attribute("snippets.html", kind)(**values))


def _framed_question(url: str) -> tuple[str, dict[str, str]]:
    """Return the unit and the parameters of a page here; Problem 404 for any other address."""
    try:
        parts = urlsplit(url)
        place = _place(url)
    except ValueError:
        parts, place = urlsplit(""), ("", 0)
    ours = {_place(request.host_url), _place(base_url())}
    match = _FRAMED.fullmatch(parts.path.removeprefix(root_path()))
    if parts.scheme not in ("http", "https") or place not in ours or not match:
        raise Problem(404, "url: phải là địa chỉ trang của một đơn vị ở đây (must be the page of a unit here)")
    return unquote(match[1]), {name: value for name, value in parse_qsl(parts.query) if name in QUESTION_PARAMETERS}


def _place(url: str) -> tuple[str, int | None]:
    """Return an address's host, in small letters, and its port, None for the usual one; ValueError for a broken one."""
    parts = urlsplit(url)
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return (parts.hostname or "").rstrip("."), parts.port if parts.port != usual else None


def _size(name: str, best: int) -> int:
    """Return the best size, or the most that a parameter allows, if that is less."""
    size = request.args.get(name, "")
    return min(best, int(size)) if re.fullmatch(r"[1-9][0-9]{0,4}", size, re.ASCII) else best
