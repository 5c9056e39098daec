"""Errors as RFC 9457 problems: the only place that turns an error into HTTP.

There is no handler for Exception: a bug must show itself in tests, and answers 500 like any other
HTTPException.
"""

import logging
import re
from typing import Any

import orjson
from flask import Flask, Response, render_template, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, SecurityError

from service.domain import errors as kinds
from service.http.request import request_id
from service.http.security_headers import protect_embed, protect_page
from service.store.engines.unavailable import Reason, reason_of
from service.telemetry import process_metrics

_log = logging.getLogger(__name__)
TITLES = {
    400: "Yêu cầu không hợp lệ / Bad request",
    401: "Cần khóa API hợp lệ / A valid API key is needed",
    403: "Không được phép / Forbidden",
    404: "Không tìm thấy / Not found",
    405: "Phương thức không được hỗ trợ / Method not allowed",
    408: "Quá thời gian chờ / Request timed out",
    413: "Dữ liệu quá lớn / Content too large",
    415: "Kiểu nội dung không được hỗ trợ / Unsupported media type",
    422: "Dữ liệu không hợp lệ / Invalid data",
    429: "Quá nhiều yêu cầu / Too many requests",
    500: "Lỗi của dịch vụ / Internal error",
    501: "Chưa hỗ trợ / Not implemented",
    503: "Dịch vụ tạm thời chưa sẵn sàng / Not ready",
    507: "Hết chỗ lưu / Insufficient storage",
}


_STATUSES: dict[type[kinds.CallerError], int] = {
    kinds.BadQuestion: 400, kinds.Unauthenticated: 401, kinds.Forbidden: 403, kinds.NotFound: 404,
    kinds.BadData: 422, kinds.Unavailable: 503,
}  # fmt: skip
RETRY = {"Retry-After": "5"}
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="tthc"'}

_BUSY = (503, "Cơ sở dữ liệu đang bận hoặc không truy cập được; hãy thử lại (the database is busy or away; try again)")
_NOT_WRITABLE = (
    503,
    "Máy chủ không ghi được dữ liệu; chưa lưu gì, hãy gửi lại sau (the server cannot write; nothing was stored)",
)
NO_TEMPORARY_FILES = (
    "Máy chủ không ghi được tệp tạm; hãy gửi lại sau (the server cannot write temporary files; send it again later)"
)
_SURROUNDINGS = {
    "disk_full": (507, "Máy chủ hết chỗ lưu; chưa lưu gì, hãy gửi lại sau (the disk is full; nothing was stored)"),
    "unconfirmed": (503, "Không rõ đã lưu hay chưa; hãy gửi lại (it is unknown whether it was stored; send it again)"),
    "read_only": _NOT_WRITABLE,
    "moved": _NOT_WRITABLE,
    "file": _NOT_WRITABLE,
    "temporary_files": (503, NO_TEMPORARY_FILES),
}
"""What callers are told, by the name of the reason; operators read the rest in the log, in doctor and in the metric."""


_UNKNOWN_HOST = "Dịch vụ không nhận tên miền này; xem TTHC_HOSTS (the service is not asked under this Host)"


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
    response = Response(orjson.dumps(body), status, content_type="application/problem+json")
    response.headers.update(headers or {})
    return response


def problem_content(status: int, detail: str, path: str, errors: Any = None) -> dict[str, Any]:
    """Return what a problem says, in the words that clients of this path read."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES.get(status, "Lỗi / Error"),
        "status": status,
        "detail": detail,
    }
    if errors is not None:
        body["errors"] = errors
    if path.startswith("/national/"):
        # Its clients read these two, whatever else the body says.
        body |= {"error_code": str(status), "message": detail}
    return body


_PAGES = ("/", "/units", "/embed")
_BOTH = re.compile(r"(?P<vi>.*?) \((?P<en>[^()]*)\)(?P<rest>[^()]*)", re.DOTALL)


def _wants_page() -> bool:
    """Say whether a browser asked for a page: by its Accept header, and only where pages live or nothing does."""
    first = "/" + request.path.split("/")[1]
    lives_here = first in _PAGES or request.url_rule is None
    if first in ("/api", "/national", "/openapi.json") or not lives_here:
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
        t=lambda vi, en: en if lang == "en" else vi,
        status=status,
        problem_title=title,
        reasons=[text for text in (in_one_language(one, lang) for one in messages) if text != title],
        mended=_to_mend(errors),
        kept={name: value for name, value in request.args.items() if name not in _to_mend(errors)},
        request_id=request_id(),
    )
    response = Response(html, status, content_type="text/html; charset=utf-8")
    response.headers.update(headers or {})
    response.headers["Cache-Control"] = "no-store"
    return (protect_embed if framed else protect_page)(response)


def _to_mend(errors: Any) -> dict[str, str]:
    """Return the parameters of this page that were refused, as given: a person corrects them and asks again."""
    names = set(errors) if isinstance(errors, dict) else set()
    names |= {"from", "to"} if "period" in names else set()
    return {name: value for name, value in request.args.items() if name in names}


def in_one_language(message: str, lang: str) -> str:
    """Return one half of a message that is in both: "Dùng 0 hoặc 1 (use 0 or 1)", or "Lỗi / Error"."""
    if match := _BOTH.fullmatch(message):
        return (match["en"] if lang == "en" else match["vi"]) + match["rest"]
    return message.partition(" / ")[2 if lang == "en" else 0] or message


def cannot_work(reason: Reason) -> tuple[int, str]:
    """Log and count that database or disk cannot be used; return the status and what the caller is told."""
    _log.error("cannot work: %s (%s)", reason.name, reason.advice)
    process_metrics.UNAVAILABLE.labels(reason.name).inc()
    return _SURROUNDINGS.get(reason.name, _BUSY)


def register(app: Flask) -> None:
    """Answer every error with a problem."""

    @app.errorhandler(Problem)
    def _problem(error: Problem) -> Response:
        return problem_response(error.status, error.detail, error.errors, error.headers)

    @app.errorhandler(kinds.CallerError)
    def _caller(error: kinds.CallerError) -> Response:
        status = next(status for kind, status in _STATUSES.items() if isinstance(error, kind))
        return problem_response(status, str(error), error.errors, CHALLENGE if status == 401 else None)

    @app.errorhandler(SQLAlchemyError)
    @app.errorhandler(OSError)
    def _surroundings(error: Exception) -> Response:
        """Tell what lies in the surroundings, a busy database or a full disk; a mistake of ours stays an error 500."""
        reason = reason_of(error)
        if reason is None:
            raise error
        status, detail = cannot_work(reason)
        return problem_response(status, detail, headers=dict(RETRY))

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response:
        if isinstance(error.response, Response):
            return error.response  # whoever raised it has said it (a rate limit)
        status = error.code or 500
        original = error.get_response()
        kept = {
            name: value
            for name, value in original.headers.items()
            if name in ("Allow", "Retry-After", "WWW-Authenticate", "Location")
        }
        if status < 400:
            return Response(status=status, headers=kept)
        # werkzeug's own descriptions are English alone; one that somebody here gave is not.
        own = error.description if error.description != type(error).description else None
        own = _UNKNOWN_HOST if isinstance(error, SecurityError) else own
        return problem_response(status, own or TITLES.get(status, "Lỗi / Error"), headers=kept)
