"""The routes of pages for people: units, the details of one, how to embed it, formulas, status."""

import re
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request
from flask.blueprints import BlueprintSetupState
from jinja2 import pass_context
from jinja2.runtime import Context

from service.domain.calendar.local_time import local_clock, local_day
from service.domain.calendar.periods import Period, usual_periods
from service.domain.statistics.formulas import FORMULAS, rates_of
from service.domain.statistics.questions import Question
from service.http.addresses import base_url, details_url, question_parameters, root_path, unit_path, with_parameters
from service.http.portal_widget import VARIANTS
from service.http.request import now
from service.http.responses import compress, page
from service.http.security_headers import protect_page
from service.pages.assets import asset, portal_check
from service.pages.details import details_values
from service.pages.embeds import ACCENT, NOTE, WIDTH, WIDTHS, embed_values, snippet, widget_height
from service.pages.index import index_values
from service.pages.labels import EXAMPLE, in_language, in_sentence
from service.pages.links import link
from service.pages.system_status import status_values
from service.reporting.words.numbers import number, percent
from service.schemas.question_input import choice

blueprint = Blueprint("pages", __name__, template_folder="templates")
blueprint.after_request(compress)
blueprint.add_app_template_global(asset, "asset")
blueprint.add_app_template_global(link, "link")
blueprint.add_app_template_global(unit_path, "unit_path")
blueprint.add_app_template_global(pass_context(lambda page, vi, en: in_language(page["lang"])(vi, en)), "t")
blueprint.add_app_template_filter(in_sentence, "in_sentence")


@blueprint.record_once
def _write_compactly(state: BlueprintSetupState) -> None:
    """Leave out lines on which a template has only its own statements."""
    state.app.jinja_env.trim_blocks = True
    state.app.jinja_env.globals["root"] = root_path
    state.app.jinja_env.lstrip_blocks = True


def _of_page(write: Callable[[Any, str], str]) -> Callable[[Context, Any], str]:
    """Return a filter that writes in the language of its page."""
    return pass_context(lambda context, value: write(value, context["lang"]))


blueprint.add_app_template_filter(_of_page(number), "number")
blueprint.add_app_template_filter(_of_page(percent), "percent")


@blueprint.get("/")
def index() -> Response:
    """Show the results of all units, the units as a tree, or those that a search finds."""
    return protect_page(page("index.html", index_values), scripts=True)


@blueprint.get("/status")
def system_status() -> Response:
    """Show which units were heard on which days, the last recount and the version."""
    return protect_page(page("status.html", status_values))


@blueprint.get("/formulas")
def formulas() -> Response:
    """Show in words how every rate is made, with the same example under each."""
    return protect_page(page("formulas.html", _formulas_values), scripts=True)


@blueprint.get("/units/<unit>")
def unit_details(unit: str) -> Response:
    """Show a unit's numbers from every side."""
    return protect_page(page("details.html", lambda: _details(unit)), scripts=True)


@blueprint.get("/units/<unit>/embed")
def how_to_embed(unit: str) -> Response:
    """Show every way to put a unit's numbers on another site, with code to copy."""
    return protect_page(page("how_to_embed.html", lambda: _how_to_embed(unit)), scripts=True)


def _formulas_values() -> dict[str, Any]:
    return {
        "lang": choice("lang", request.args.get("lang"), ("vi", "en")),
        "example": EXAMPLE,
        "formulas": [(formula, rates_of(EXAMPLE, formula)) for formula in FORMULAS.values()],
    }


def _details(unit: str) -> dict[str, Any]:
    values = details_values(unit)
    return values | _addresses(details_url(values["unit"].code))


def _addresses(here: str) -> dict[str, Any]:
    """Return the addresses by which search engines and other sites know a page."""
    return {"canonical": here, "oembed": with_parameters(f"{base_url()}/oembed", {"url": here})}


def _shown_parameters() -> dict[str, str]:
    """Return the parameters of the question for code that is copied; `as_of` only with `frozen=1`.

    A webmaster who comes from a page of a past moment would else publish a number that never changes.
    """
    is_frozen = request.args.get("frozen") == "1"
    return {name: value for name, value in question_parameters().items() if is_frozen or name != "as_of"}


def _chosen() -> dict[str, str]:
    """Return the widget's options that are not the usual: parameters of the frame, attributes of the element."""
    usual = {"variant": "card", "theme": "light", "header": "on", "counter": "off", "compare": ""}
    chosen = {name: request.args[name] for name in usual if request.args.get(name) not in (None, "", usual[name])}
    accent = request.args.get("accent", "").removeprefix("#").lower()
    return chosen | ({"accent": accent} if re.fullmatch("[0-9a-f]{6}", accent) and accent != ACCENT else {})


def _attributes(parameters: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in parameters.items()}


def _offered(question: Question) -> list[tuple[str, Period]]:
    """Return the periods to choose from, each with the parameter that asks for it; the one asked for is among them."""
    usual = enumerate(usual_periods(local_day(now()), question.calendar))
    offered = [("ytd" if not place else period.kind if place % 2 else period.name, period) for place, period in usual]
    name = request.args.get("period") or "ytd"
    return offered if name in dict(offered) else [(name, question.period), *offered]


def _how_to_embed(unit: str) -> dict[str, Any]:
    values = embed_values(unit)
    code, look, shown, say = values["unit"].code, _chosen(), _shown_parameters(), in_language(values["lang"])
    return {
        **values,
        **_addresses(with_parameters(base_url() + unit_path(code), shown)),
        **_code_to_copy(values, shown, look),
        "base": base_url(),
        "params": question_parameters(),
        "look": {"accent": ACCENT, **look},
        "variants": VARIANTS,
        "offered": _offered(values["question"]),
        "formulas": [(formula.id, say(*formula.title)) for formula in FORMULAS.values()],
        "attributes": _attributes(shown | look),
        "check_code": portal_check(base_url(), code),
        "frozen": request.args.get("frozen") == "1",
        "asked_as_of": request.args.get("as_of") and local_clock(values["question"].as_of),
        "preview_src": root_path() + with_parameters(f"/embed/{code}", shown | look),
        "preview_badge": root_path() + with_parameters(f"/badge/{code}.svg", shown),
    }


def _code_to_copy(values: dict[str, Any], params: dict[str, str], look: dict[str, str]) -> dict[str, Any]:
    code, base = values["unit"].code, base_url()
    page_url = with_parameters(base + unit_path(code), params)
    title = f"{values['widget']['title']} – {values['unit_name']}"
    src, badge = with_parameters(f"/embed/{code}", params | look), with_parameters(f"/badge/{code}.svg", params)
    width = choice("width", request.args.get("width"), (str(WIDTH), *WIDTHS))
    widths = (width, "300") if width == "100%" else (width,)
    heights = [widget_height(values["variant"], one, values["widget"], values["header"]) for one in widths]
    element = {"base": base, "unit": code, "attributes": _attributes(params | look), "page": page_url}
    frame = {"src": base + src, "width": width, "theme": values["theme"], "script": f"{base}/embed.js"}
    return {
        "element_code": snippet("element", **element, title=title, heights=heights),
        "iframe_code": snippet("iframe", **frame, title=title, heights=[height + NOTE for height in heights]),
        "badge_code": snippet("badge", page=page_url, src=base + badge, alt=title),
        "shield": with_parameters(f"{base}/badge/{code}.json", params),
        "widget_api": with_parameters(f"{base}/api/v1/widget/{code}", params),
        "page": page_url,
        "width": width,
        "height": heights[-1] + NOTE,
    }
