"""Errors as RFC 9457 problems: the only place that turns an error into HTTP.

There is no handler for Exception: in tests a bug must raise, and in service it is a 500 like any HTTPException.
"""

import logging
import re
from typing import Any

import orjson
from flask import Flask, Response, render_template, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, SecurityError

from service.domain import errors as kinds
from service.domain.json_beside import json_beside
from service.formats.json_records.text import OtherJson
from service.http.request import TURN, request_id
from service.http.security_headers import protect_embed, protect_page
from service.store.engines.unavailable import REASON, Reason, first_line, reason_of
from service.telemetry import process_metrics

_log = logging.getLogger(__name__)
_TEXTS = json_beside(__file__)
TITLES: dict[int, str] = {int(status): title for status, title in _TEXTS["titles"].items()}
_STATUSES: dict[type[kinds.CallerError], int] = {
    kinds.BadQuestion: 400, kinds.Unauthenticated: 401, kinds.Forbidden: 403, kinds.NotFound: 404,
    OtherJson: 400, kinds.BadData: 422, kinds.Unavailable: 503,
}  # fmt: skip
RETRY = {"Retry-After": "5"}
_KEPT_HEADERS = ("Allow", "Retry-After", "WWW-Authenticate", "Location")
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="tthc"'}
_SURROUNDINGS = {name: (status, detail) for name, (status, detail) in _TEXTS["surroundings"].items()}
"""Database or disk cannot be used: status and text for callers, by the name of the reason. Operators read the log."""
NO_TEMPORARY_FILES: str = _SURROUNDINGS["temporary_files"][1]
_UNKNOWN_HOST = "Dịch vụ không nhận tên miền {!r:.80}; xem TTHC_HOSTS (the service is not asked under this Host)"


class Problem(Exception):
    """An error to tell the client: status, what happened and what to do, and errors by field."""

    def __init__(self, status: int, detail: str, errors: Any = None, headers: dict[str, str] | None = None):
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors
        self.headers = headers or {}


def problem_response(status: int, detail: str, errors: Any = None, headers: dict[str, str] | None = None) -> Response:
    """Return a problem: application/problem+json, or a page for a person who asked for one."""
    if _wants_page():
        return _problem_page(status, detail, errors, headers)
    body = problem_content(status, detail, request.path, errors)
    return Response(orjson.dumps(body), status, headers, content_type="application/problem+json")


def problem_content(status: int, detail: str, path: str, errors: Any = None) -> dict[str, Any]:
    """Return the members of a problem; on national routes also those that national clients read."""
    title = TITLES.get(status, "Lỗi / Error")
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    if errors is not None:
        body["errors"] = errors
    if path.startswith("/national/"):
        body |= {"error_code": str(status), "message": detail}
    return body


_PAGES = ("/", "/units", "/embed", "/status", "/formulas")
_BOTH = re.compile(r"(?P<vi>.*?) \((?P<en>[^()]*)\)(?P<rest>[^()]*)", re.DOTALL)


def _wants_page() -> bool:
    """Say whether a browser asked for a page: its Accept header says so, and the address is a page's or unknown."""
    first = "/" + request.path.split("/")[1]
    may_be_page = first in _PAGES or request.url_rule is None
    if first in ("/api", "/national", "/openapi.json") or not may_be_page:
        return False
    return "text/html" in request.accept_mimetypes.values()


def _problem_page(status: int, detail: str, errors: Any, headers: dict[str, str] | None) -> Response:
    lang = "en" if request.args.get("lang") == "en" else "vi"
    title = in_one_language(TITLES.get(status, "Lỗi / Error"), lang)
    messages = [text for texts in errors.values() for text in texts] if isinstance(errors, dict) else [detail]
    framed = request.path.startswith("/embed/")
    html = render_template(
        "embed_problem.html" if framed else "problem.html",
        lang=lang,
        status=status,
        problem_title=title,
        reasons=[text for text in (in_one_language(message, lang) for message in messages) if text != title],
        refused=_refused(errors),
        kept={name: value for name, value in request.args.items() if name not in _refused(errors)},
        request_id=request_id(),
    )
    response = Response(html, status, headers, content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return (protect_embed if framed else protect_page)(response)


def _refused(errors: Any) -> dict[str, str]:
    """Return the parameters of this page that were refused, as given: the page lets a person correct them."""
    names = set(errors) if isinstance(errors, dict) else set()
    names |= {"from", "to"} if "period" in names else set()
    return {name: value for name, value in request.args.items() if name in names}


def in_one_language(message: str, lang: str) -> str:
    """Return one half of a message that is in both: "Dùng 0 hoặc 1 (use 0 or 1)", or "Lỗi / Error"."""
    if match := _BOTH.fullmatch(message):
        return (match["en"] if lang == "en" else match["vi"]) + match["rest"]
    return message.partition(" / ")[2 if lang == "en" else 0] or message


def cannot_work(reason: Reason, error: Exception) -> tuple[int, str]:
    """Log and count that database or disk cannot be used; return the status and what the caller is told."""
    _log.error("cannot work: %s (%s): %s", reason.name, reason.advice, first_line(error))
    process_metrics.UNAVAILABLE.labels(reason.name).inc()
    return _SURROUNDINGS.get(reason.name, _SURROUNDINGS["busy"])


def register(app: Flask) -> None:
    """Answer every error with a problem."""

    @app.errorhandler(Problem)
    def _problem(error: Problem) -> Response:
        return problem_response(error.status, error.detail, error.errors, error.headers)

    @app.errorhandler(kinds.CallerError)
    def _caller(error: kinds.CallerError) -> Response:
        status = next(status for kind, status in _STATUSES.items() if isinstance(error, kind))
        headers = {401: CHALLENGE, 503: RETRY}.get(status)
        return problem_response(status, str(error), error.errors, headers)

    @app.errorhandler(SQLAlchemyError)
    @app.errorhandler(OSError)
    def _surroundings(error: Exception) -> Response:
        """Answer 503 or 507 when database or disk cannot be used; any other error is a bug and stays a 500."""
        reason = reason_of(error)
        if reason is None:
            raise error
        if reason is REASON["locked"] and TURN in request.environ and request.environ[TURN].waits_for_lock():
            return Response(status=503)  # nobody receives it
        status, detail = cannot_work(reason, error)
        return problem_response(status, detail, headers=dict(RETRY))

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response:
        if isinstance(error.response, Response):
            return error.response  # of the rate limit, which is a problem already
        status = error.code or 500
        original = error.get_response()
        kept = {name: value for name in _KEPT_HEADERS if (value := original.headers.get(name))}
        if status < 400:
            return Response(status=status, headers=kept)
        # werkzeug's own descriptions are in English only; those given in this project are in both languages.
        own = error.description if error.description != type(error).description else None
        own = _UNKNOWN_HOST.format(request.headers.get("Host")) if isinstance(error, SecurityError) else own
        return problem_response(status, own or TITLES.get(status, "Lỗi / Error"), headers=kept)
