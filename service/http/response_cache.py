"""Public answers: made once a second at most, with an ETag over what they say."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property, lru_cache
from hashlib import blake2b
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import orjson
from flask import Blueprint, Response, current_app, request
from marshmallow import missing
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from service.components import Components
from service.domain.calendar.local_time import local_day
from service.domain.errors import CallerError
from service.domain.units import as_asked
from service.http.addresses import QUESTION_PARAMETERS, asker
from service.http.request import components, now
from service.http.sharing import SHARED
from service.schemas.question_input import QuestionSchema, read_question
from service.settings import Settings
from service.store.engines.askers import has_gone
from service.store.engines.unavailable import reason_of
from service.telemetry import process_metrics

_OF_PAGES = (
    "accent compare consolidated counter days frozen depth format group_by header maxheight maxwidth q sort theme under"
    " unit url v variant view width"
)
PAGE_PARAMETERS = frozenset({*QUESTION_PARAMETERS, *_OF_PAGES.split()})
"""What pages, embeds and badges look at; a test finds any other that they would read."""
_DEFAULTS = {"theme": "light"} | {
    name: field.load_default for name, field in QuestionSchema().fields.items() if field.load_default is not missing
}
_QUESTIONS = ("/api/v1/stats", "/api/v1/durations", "/api/v1/widget/")
Render = TypeVar("Render", bound="Callable[..., Rendered]")
CACHE_CONTROL = "public, max-age=1, stale-while-revalidate=30, stale-if-error=86400"


@dataclass(frozen=True)
class Rendered:
    """An answer as bytes.

    etag_source: what the ETag is made of, the content without its moment. replay_route: set when the answer may be
    repeated without the framework. Such a view answers 200, with these headers and X-Request-Id alone. What it says
    depends on nothing but what `question_of` collects. mark: what the database was like when it was made. again: makes
    the answer to the same question anew, of the moment at which it is called; only where it may be repeated.
    """

    body: bytes
    content_type: str
    etag_source: bytes
    disposition: str | None = None
    replay_route: str | None = None
    mark: object = None
    again: Callable[[], Rendered] | None = None

    @cached_property
    def headers(self) -> list[tuple[str, str]]:
        """Return the headers, made once however often the answer is given."""
        etag = blake2b(self.etag_source, digest_size=12).hexdigest()
        always = [
            ("Content-Type", self.content_type),
            ("ETag", f'W/"{etag}"'),
            ("Cache-Control", CACHE_CONTROL),
            ("Vary", "Accept, Accept-Encoding"),
            ("X-Content-Type-Options", "nosniff"),
            *SHARED.items(),
        ]
        return [*always, ("Content-Disposition", self.disposition)] if self.disposition else always

    @cached_property
    def encoded_headers(self) -> list[tuple[bytes, bytes]]:
        """Return the headers as they travel."""
        return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in self.headers]


def public_answer(render: Callable[[], Rendered]) -> Response:
    """Return a public answer, from the last second's if the same was asked; 304 when the client has it.

    While the database is away, the last good answer is given: with its age, and `"stale": true` where JSON says so.
    """
    question = question_of(request.environ)
    parts = components()
    mark = parts.database.mark if _is_past(dict(question[_PARAMETERS]), parts.settings) else None
    make = render if mark else _repeatable(render)
    rendered, age = parts.answers.get_or_last_good(
        question, make, lambda error: reason_of(error) is not None and not has_gone(), mark
    )
    if age is not None:
        rendered = _as_stale(rendered)
        process_metrics.STALE.inc()
    response = Response(rendered.body, headers=rendered.headers)
    if age is not None:
        response.headers["Age"] = str(age)
        response.headers["Warning"] = '110 - "Response is Stale"'
    return unless_known(response)


def _repeatable(render: Callable[[], Rendered]) -> Callable[[], Rendered]:
    """Let an answer that may be repeated carry the way to make it anew when this request is over."""
    within = current_app.request_context
    environ = {name: request.environ[name] for name in _ASKED.split() if name in request.environ}

    def again() -> Rendered:
        with within(environ):
            return make()

    def make() -> Rendered:
        rendered = render()
        return replace(rendered, again=again) if rendered.replay_route else rendered

    return make


def public(blueprint: Blueprint, rule: str) -> Callable[[Render], Render]:
    """Answer the questions under a rule with what a function renders, given the parts of the address by name."""

    def publish(render: Render) -> Render:
        blueprint.add_url_rule(rule, render.__name__, lambda **parts: public_answer(lambda: render(**parts)))
        return render

    return publish


def _is_past(parameters: dict[str, str], settings: Settings) -> bool:
    """Say whether a question is about days before today alone."""
    if not parameters.keys() & {"as_of", "period", "to"}:
        return False
    try:
        asked = read_question("", parameters, now(), settings.calendar).question
    except CallerError:
        return False
    return min(asked.period.after, local_day(asked.as_of) + timedelta(days=1)) <= local_day(now())


def _as_stale(rendered: Rendered) -> Rendered:
    """Return the answer marked as old, as far as its format can say so."""
    if rendered.content_type != "application/json":
        return rendered
    content = orjson.loads(rendered.body)
    if not isinstance(content, dict) or "stale" not in content:
        return rendered
    body = orjson.dumps(content | {"stale": True})
    return replace(rendered, body=body, etag_source=rendered.etag_source + b"stale", replay_route=None)


def unless_known(response: Response) -> Response:
    """Return 304 to a client that has this answer, also under the ETag that a compressing proxy made of it."""
    tags = request.environ.get("HTTP_IF_NONE_MATCH")
    if tags is not None:
        request.environ["HTTP_IF_NONE_MATCH"] = _CODING.sub("", tags)
        response.make_conditional(request.environ)
    return response


_CODING = re.compile(r'[-;]{1,2}(?:gzip|br|zstd|deflate)(?=")')
"""What proxies append to the ETag of an answer that they compress."""


def question_of(environ: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return everything in a request that a public answer may depend on; one question has one spelling."""
    path = environ["PATH_INFO"]
    return (
        environ["wsgi.url_scheme"],
        environ.get("HTTP_HOST", "").lower(),
        _path(path),
        _parameters(path, environ["QUERY_STRING"]),
        _takes_csv(environ.get("HTTP_ACCEPT", "")[:200]),
    )


_ASKED = "REQUEST_METHOD SCRIPT_NAME PATH_INFO QUERY_STRING SERVER_NAME SERVER_PORT wsgi.url_scheme HTTP_HOST"
"""What of a request asks its question again: what the client sends besides is not kept."""
_PARAMETERS = 3
"""The place of the parameters in a question."""
_UNIT = re.compile(r"(/api/v1/(?:widget|views)/|/badge/|/embed/|/units/)([^/]+?)((?:\.svg|\.json)?|/.*)")


@lru_cache(1024)
def _path(path: str) -> str:
    """Return a path with the code of its unit in one spelling."""
    match = _UNIT.fullmatch(path)
    return f"{match[1]}{as_asked(match[2])}{match[3]}" if match and match[2].isascii() else path


@lru_cache(1024)
def _parameters(path: str, query: str) -> tuple[tuple[str, str], ...]:
    """Return the parameters of a question in one order, without those that say nothing.

    Pages take any parameter, and a site that links to them adds its own. The API refuses what it does not know, so
    there every name counts.
    """
    strict = path.startswith("/api/")
    parameters: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if (strict or name in PAGE_PARAMETERS) and parameters.setdefault(name, value) != value:
            return (("", query),)  # two values of one name: not a question to share
    if "unit" in parameters:
        parameters["unit"] = as_asked(parameters["unit"])
    if "as_of" in parameters:
        parameters["as_of"] = parameters["as_of"].replace(" ", "+")  # a plus that arrived as a blank
    defaults = _DEFAULTS if not strict or path.startswith(_QUESTIONS) else {}
    return tuple(sorted(one for one in parameters.items() if (strict or one[1]) and one[1] != defaults.get(one[0])))


@lru_cache(512)
def _takes_csv(accept: str) -> bool:
    """Say whether CSV is wanted and not JSON; answers depend on nothing else in the Accept header."""
    accepted = parse_accept_header(accept, MIMEAccept)
    return accepted.best_match(["application/json", "text/csv"], "application/json") == "text/csv"


def repeated(parts: Components, environ: Mapping[str, Any]) -> Rendered | None:
    """Return the answer of the last second to the same question, if that is all that this request needs.

    What is returned is given to the client, so it is counted as a view.
    """
    if environ["REQUEST_METHOD"] != "GET" or _SPECIAL & environ.keys():
        return None
    kept: Rendered | None = parts.answers.peek(question_of(environ))
    if kept is None or kept.replay_route is None:
        return None
    parts.views.note(kept.replay_route, environ["PATH_INFO"].rpartition("/")[2].encode("latin-1").decode())
    return kept


def reading_lanes(parts: Components, environ: Mapping[str, Any], pool: str) -> tuple[str, ...]:
    """Return the lanes of who asks: the address's, and for a reading that of questions nobody asked within a day."""
    lanes = [asker(environ["REMOTE_ADDR"], parts.settings.proxy_hops)]
    if pool == "reads" and not environ["PATH_INFO"].startswith("/static/"):
        lanes.append("" if parts.answers.last_good.get(question_of(environ)) else "new")
    return tuple(filter(None, lanes))


_SPECIAL = {"HTTP_IF_NONE_MATCH", "HTTP_AUTHORIZATION", "HTTP_RANGE"}
