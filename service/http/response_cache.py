"""Public answers: made at most once a second, with an ETag over their content."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qsl

import orjson
from flask import Blueprint, Response, current_app, request
from marshmallow import missing
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header
from werkzeug.utils import cached_property  # that of functools lets one thread at a time work, until 3.12

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
"""The parameters that pages, embeds and badges read; a test finds those that are missing here."""
_DEFAULTS = {
    name: field.load_default for name, field in QuestionSchema().fields.items() if field.load_default is not missing
}
_PAGE_DEFAULTS = _DEFAULTS | {"theme": "light"}
_QUESTIONS = ("/api/v1/stats", "/api/v1/durations", "/api/v1/widget/")
Render = TypeVar("Render", bound="Callable[..., Rendered]")
CACHE_CONTROL = "public, max-age=1, stale-while-revalidate=30, stale-if-error=86400"


@dataclass(frozen=True)
class Rendered:
    """An answer as bytes.

    etag_source: what the ETag is made of, the content without its moment. filename: under which a browser saves it; a
    slash in it becomes _. replay_route: the route of an answer that may be repeated without Flask. Its status is 200,
    it has only these headers and X-Request-Id, and its content depends on nothing but its CacheKey. mark: Database.mark
    when it was made. again: makes the answer to the same question anew, as of the moment of the call; only set where it
    may be repeated.
    """

    body: bytes
    content_type: str
    etag_source: bytes
    filename: str | None = None
    replay_route: str | None = None
    mark: object = None
    again: Callable[[], Rendered] | None = None
    age: int | None = None

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
            *([] if self.age is None else [("Age", str(self.age)), ("Warning", '110 - "Response is Stale"')]),
        ]
        name = self.filename and self.filename.replace("/", "_")
        return [*always, ("Content-Disposition", f'attachment; filename="{name}"')] if name else always

    @cached_property
    def as_stale(self) -> Rendered:
        """Return the answer marked as stale, if its format can say so; made once."""
        content = orjson.loads(self.body) if self.content_type == "application/json" else None
        if not isinstance(content, dict) or "stale" not in content:
            return replace(self, replay_route=None)
        body = orjson.dumps(content | {"stale": True})
        etag_source = blake2b(self.etag_source).digest() + b"stale"
        return replace(self, body=body, etag_source=etag_source, replay_route=None)

    @cached_property
    def encoded_headers(self) -> list[tuple[bytes, bytes]]:
        """Return the headers as they travel."""
        return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in self.headers]


def public_answer(render: Callable[[], Rendered]) -> Response:
    """Return a public answer, that of the last second if there is one; 304 when the client has it.

    While the database is away, the last good answer is given with its age; JSON that has `stale` says true.
    """
    key = cache_key(request.environ)
    parts = components()
    mark = parts.database.mark if _is_past(dict(key.parameters), parts.settings) else None
    make = render if mark else _repeatable(render)
    rendered, age = parts.answers.get_or_last_good(
        key, make, lambda error: reason_of(error) is not None and not has_gone(), mark
    )
    if age is not None:
        rendered = _as_stale(rendered, age)
    return unless_known(Response(rendered.body, headers=rendered.headers))


def _repeatable(render: Callable[[], Rendered]) -> Callable[[], Rendered]:
    """Give an answer that may be repeated its `again`, which works when this request is over."""
    request_context = current_app.request_context
    environ = {name: request.environ[name] for name in _OF_AGAIN.split() if name in request.environ}

    def again() -> Rendered:
        with request_context(environ):
            return make()

    def make() -> Rendered:
        rendered = render()
        return replace(rendered, again=again) if rendered.replay_route else rendered

    return make


def public(blueprint: Blueprint, rule: str) -> Callable[[Render], Render]:
    """Publish the answer that a function renders under a rule; it is given the parts of the address by name."""

    def publish(render: Render) -> Render:
        blueprint.add_url_rule(rule, render.__name__, lambda **parts: public_answer(lambda: render(**parts)))
        return render

    return publish


def _is_past(parameters: dict[str, str], settings: Settings) -> bool:
    """Say whether a question is only about days before today."""
    if not parameters.keys() & {"as_of", "period", "to"}:
        return False
    try:
        question = read_question("", parameters, now(), settings.calendar).question
    except CallerError:
        return False
    return min(question.period.after, local_day(question.as_of) + timedelta(days=1)) <= local_day(now())


def _as_stale(rendered: Rendered, age: int) -> Rendered:
    """Return an answer with its age in seconds, marked as stale."""
    process_metrics.STALE.inc()
    return replace(rendered.as_stale, age=age)


def unless_known(response: Response) -> Response:
    """Return 304 to a client that has this answer; a proxy that compresses may have changed its ETag."""
    tags = request.environ.get("HTTP_IF_NONE_MATCH")
    if tags is not None:
        request.environ["HTTP_IF_NONE_MATCH"] = _CODING.sub("", tags)
        response.make_conditional(request.environ)
    return response


_CODING = re.compile(r'[-;]{1,2}(?:gzip|br|zstd|deflate)(?=")')
"""What proxies append to the ETag of an answer that they compress."""


class CacheKey(NamedTuple):
    """Everything in a request that a public answer may depend on; the same question has the same key."""

    scheme: str
    host: str
    path: str
    parameters: tuple[tuple[str, str], ...]
    takes_csv: bool


def cache_key(environ: Mapping[str, Any]) -> CacheKey:
    """Return the key of a request's answer."""
    path = environ["PATH_INFO"]
    return CacheKey(
        environ["wsgi.url_scheme"],
        environ.get("HTTP_HOST", "").lower(),
        _path(path),
        _parameters(path, environ["QUERY_STRING"]),
        _takes_csv(environ.get("HTTP_ACCEPT", "")[:200]),
    )


_OF_AGAIN = "REQUEST_METHOD SCRIPT_NAME PATH_INFO QUERY_STRING SERVER_NAME SERVER_PORT wsgi.url_scheme HTTP_HOST"
"""What of a request is kept to make its answer anew."""
_UNIT = re.compile(r"(/api/v1/(?:widget|views)/|/badge/|/embed/|/units/)([^/]+?)((?:\.svg|\.json)?|/.*)")


@lru_cache(1024)
def _path(path: str) -> str:
    """Return a path with the code of its unit in one spelling."""
    match = _UNIT.fullmatch(path)
    return f"{match[1]}{as_asked(match[2])}{match[3]}" if match and match[2].isascii() else path


@lru_cache(1024)
def _parameters(path: str, query: str) -> tuple[tuple[str, str], ...]:
    """Return the parameters of a question in one order, without those that change nothing.

    Pages ignore parameters that they do not know, as sites that link to them add some. The API refuses these, so there
    every name counts.
    """
    strict = path.startswith("/api/")
    parameters: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if (strict or name in PAGE_PARAMETERS) and parameters.setdefault(name, value) != value:
            return (("", query),)  # two values of one name: the query as a whole is the key
    if "unit" in parameters:
        parameters["unit"] = as_asked(parameters["unit"])
    if "as_of" in parameters:
        parameters["as_of"] = parameters["as_of"].replace(" ", "+")  # a plus that arrived as a blank
    defaults = _PAGE_DEFAULTS if not strict else _DEFAULTS if path.startswith(_QUESTIONS) else {}
    counting = ((name, value) for name, value in parameters.items() if value != defaults.get(name))
    return tuple(sorted((name, value) for name, value in counting if strict or value))


@lru_cache(512)
def _takes_csv(accept: str) -> bool:
    """Say whether a client prefers CSV to JSON; answers depend on nothing else in the Accept header."""
    accepted = parse_accept_header(accept, MIMEAccept)
    return accepted.best_match(["application/json", "text/csv"], "application/json") == "text/csv"


def repeated(parts: Components, environ: Mapping[str, Any], at_any_age: Any = False) -> Rendered | None:
    """Return the answer of the last second to the same question, if it may be repeated and this request allows it.

    The caller gives it to the client, so it is counted as a view here. at_any_age: the last good answer, marked so.
    """
    if at_any_age:
        last = parts.answers.last_good.get(cache_key(environ))
        return _as_stale(*last) if last else None
    if environ["REQUEST_METHOD"] != "GET" or _SPECIAL & environ.keys():
        return None
    kept: Rendered | None = parts.answers.peek(cache_key(environ))
    if kept is None or kept.replay_route is None:
        return None
    parts.views.note(kept.replay_route, environ["PATH_INFO"].rpartition("/")[2].encode("latin-1").decode())
    return kept


def lanes_of_asker(parts: Components, environ: Mapping[str, Any], pool: str) -> tuple[str, ...]:
    """Return the lane of the address that asks, if known, and `new` or `aged` by the last good answer of a question."""
    lanes = [asker(environ["REMOTE_ADDR"], parts.settings.proxy_hops, _SITE_BITS)]
    if pool in ("reads", "questions") and not environ["PATH_INFO"].startswith("/static/"):
        last = parts.answers.last_good.get(cache_key(environ))
        lanes.append("new" if last is None else "aged" if last[1] > _AGED_SECONDS else "")
    elif pool == "large":
        lanes.append("large")  # all share it, so that turns go to who lately used least
    return tuple(filter(None, lanes))


_AGED_SECONDS = 30  # an answer that is older is made anew, however long that has to wait
_SITE_BITS = 48  # of IPv6: what one organisation, or anybody's tunnel, has; lanes matter only when threads are short
_SPECIAL = {"HTTP_IF_NONE_MATCH", "HTTP_AUTHORIZATION", "HTTP_RANGE"}
