"""Who is asking: the source behind the bearer key, and whether its key may do what is asked."""

from contextlib import suppress
from typing import Any

import structlog
from flask import request
from sqlalchemy.exc import SQLAlchemyError

from service.attempts import CUSTOMER_BITS, network
from service.domain.api_keys import hash_secret, key_id_of, shown_key
from service.domain.calendar.local_time import local_day
from service.http.problems import CHALLENGE, Problem
from service.http.request import TURN, components, now, request_id
from service.ingest.sender import Sender
from service.store.access import keys
from service.store.access.keys import KnownSource
from service.telemetry import process_metrics

NO_KEY = "Thiếu tiêu đề Authorization: Bearer KHÓA (missing API key)"
_TOO_MANY = "Đã thử khóa sai nhiều lần; hãy chờ rồi thử lại (too many wrong keys; wait, then try again)"
_log = structlog.get_logger("tthc.auth")


def known_source(scope: str) -> KnownSource:
    """Return the source whose key the request carries, if the key has the right `scope`; the body is not read."""
    return allowed(source_with(_shown_key()), scope)


def pushing_source() -> KnownSource:
    """Return the source whose key a push of one dossier carries; a key is looked up at most once a second.

    With the source's lock held, ingest/sender.py checks the key's rights once more.
    """
    key, seen = _shown_key(), components().seen_keys
    return allowed(seen.get(hash_secret(key), lambda: _permitted(source_with(key), "push")), "push")


def _shown_key() -> str:
    if not (key := shown_key(request.headers.get("Authorization", ""))):
        raise Problem(401, NO_KEY, headers=CHALLENGE)
    return key


def allowed(source: KnownSource | None, scope: str) -> KnownSource:
    """Return a source whose key has the right `scope`, and count its use; else Unauthenticated or Forbidden."""
    permitted = _permitted(source, scope)
    structlog.contextvars.bind_contextvars(source=permitted.code, key=permitted.key_id)
    turn = request.environ.get(TURN)
    if turn is None or not turn.tries:
        process_metrics.KEY_USES.labels(permitted.code, scope).inc()
    if permitted.used_on != local_day(now()) and scope == "read":  # a push notes its own use
        with suppress(SQLAlchemyError), components().database.writing(lock_seconds=0.1) as session:
            keys.note_use(session, permitted, now())  # if the lock is taken, the next reading notes it
    return permitted


def _permitted(source: KnownSource | None, scope: str) -> KnownSource:
    if source is not None and source.expired:
        _log_refused("ended", source.key_id, source=source.code)
    return keys.permit(source, scope)


def _log_refused(reason: str, key_id: str, **about: str) -> None:
    address, route = network(request.remote_addr or ""), str(request.url_rule)
    _log.warning("key refused", reason=reason, key=key_id, address=address, route=route, **about)


def source_with(key: Any, code: Any = None) -> KnownSource | None:
    """Return the source with this key (and this code, where one is given), or None; Problem 429 after wrong keys."""
    attempts, address = components().attempts, network(request.remote_addr or "", 32, CUSTOMER_BITS)
    key_id = key_id_of(key) if isinstance(key, str) else ""
    _refuse_early(attempts.seconds_left((address, key_id)))
    with components().database.reading() as session:
        source = keys.authenticate(session, key.strip(), now()) if isinstance(key, str) else None
    if source is not None and code in (None, source.code):
        attempts.was_right(key.strip())
        return source
    who = (address, key_id if attempts.has_right_id(key_id) else "")
    waits = attempts.seconds_left(who)
    attempts.failed(who)
    _log_refused("wrong", key_id)
    _refuse_early(waits)
    return None


def _refuse_early(seconds: int) -> None:
    if seconds:
        raise Problem(429, _TOO_MANY, headers={"Retry-After": str(seconds)})


def sender(source: KnownSource, scope: str = "push", *, dry_run: bool = False) -> Sender:
    """Return the sender of this request's records, with the right that it uses."""
    turn = request.environ.get(TURN)
    waits, came_at = (turn.lock_seconds, turn.came_at) if turn else (None, 0.0)
    return Sender(source.id, request_id(), source.key_id, scope, dry_run, turn_seconds=waits, came_at=came_at)
