"""Who is asking: the source behind the bearer key."""

import structlog
from flask import request

from service.http.problems import Problem
from service.http.request import components
from service.store.sources import KnownSource, authenticate

NO_KEY = "Thiếu tiêu đề Authorization: Bearer KHÓA (missing API key)"
UNKNOWN_KEY = "Khóa API không đúng (unknown API key)"
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="tthc"'}


def known_source() -> KnownSource:
    """Return the source whose key the request carries; Problem 401 or 403. Reads nothing of the body."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise Problem(401, NO_KEY, headers=CHALLENGE)
    with components().database.reading() as session:
        source = authenticate(session, key.strip())
    return allowed(source)


def allowed(source: KnownSource | None) -> KnownSource:
    """Return a source that may push; Problem 401 for an unknown key, 403 for a disabled source."""
    if source is None:
        raise Problem(401, UNKNOWN_KEY, headers=CHALLENGE)
    structlog.contextvars.bind_contextvars(source=source.code)
    if source.disabled:
        raise Problem(403, "Nguồn này đã bị khóa; liên hệ người vận hành (this source is disabled)")
    return source
