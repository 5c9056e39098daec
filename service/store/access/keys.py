"""Keys of sources: to which source a key belongs, what it may do, and the sessions that it opened."""

import hmac
import secrets
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, delete, or_, select, update
from sqlalchemy.orm import Session

from models.sources import NationalSession, Source
from service.domain.api_keys import KEY_PREFIX, NO_HASH, hash_secret, key_id_of
from service.domain.calendar.local_time import local_day
from service.domain.errors import Forbidden, Unauthenticated

UNKNOWN_KEY = "Khóa API không đúng (unknown API key)"
EXPIRED = "Khóa API đã hết hạn; liên hệ người vận hành để đổi khóa (this API key has expired)"
DISABLED = "Nguồn này đã bị khóa; liên hệ người vận hành (this source is disabled)"
_BEARER = select(Source).where(
    or_(*(key_id == bindparam("key_id") for key_id in (Source.key_id, Source.former_key_id)))
)
_WITHDRAWN = "Khóa API đã bị thu hồi trong khi gửi; chưa lưu gì (the key was withdrawn meanwhile; nothing was stored)"


class KnownSource(NamedTuple):
    """A source that showed a right key, and whether the key still works."""

    id: int
    code: str
    ok_code: str
    key_id: str
    scopes: tuple[str, ...]
    disabled: bool
    expired: bool
    used_on: date | None


def authenticate(session: Session, key: str, now: datetime) -> KnownSource | None:
    """Return the source whose key this is, or None; an unknown key id takes as long as a wrong secret."""
    prefix, _, rest = key.partition("_")
    _, _, secret = rest.partition("_")
    key_id = key_id_of(key)
    row = session.scalar(_BEARER, {"key_id": key_id}) if key_id else None
    kept = (row.key_hash if row.key_id == key_id else row.former_key_hash) if row else None
    same = hmac.compare_digest(hash_secret(secret) if secret.isascii() else NO_HASH, kept or NO_HASH)
    return _known(row, key_id, now) if row is not None and same and prefix == KEY_PREFIX else None


def _known(row: Source, key_id: str, now: datetime) -> KnownSource | None:
    """Return a source that showed its key of this id; None when it has no such key (any more)."""
    if key_id not in (row.key_id, row.former_key_id):
        return None
    until = row.key_until if key_id == row.key_id else row.former_until
    scopes, disabled = tuple(row.scopes.split(",")), row.disabled_at is not None
    expired = until is not None and until <= now
    return KnownSource(row.id, row.code, row.ok_code, key_id, scopes, disabled, expired, row.key_used_on)


def permit(source: KnownSource | None, scope: str) -> KnownSource:
    """Return a source whose key has the right `scope`; else raise Unauthenticated or Forbidden with the reason."""
    if source is None or source.expired:
        raise Unauthenticated(UNKNOWN_KEY if source is None else EXPIRED)
    if source.disabled:
        raise Forbidden(DISABLED)
    if scope not in source.scopes:
        allowed = ", ".join(source.scopes)
        raise Forbidden(f"Khóa này không có quyền {scope}, chỉ có: {allowed} (this key has no right to {scope})")
    return source


def permit_again(source: Source, key_id: str, scope: str, now: datetime) -> None:
    """Check a key once more, while its source's row is locked: so the result holds until the commit."""
    source_now = _known(source, key_id, now)
    if source_now is None or source_now.expired:
        raise Unauthenticated(_WITHDRAWN)
    permit(source_now, scope)


def note_use(session: Session, source: KnownSource, now: datetime) -> None:
    """Note the day on which a key was last used."""
    session.execute(update(Source).where(Source.id == source.id).values(key_used_on=local_day(now)))


def open_session(session: Session, source: KnownSource, now: datetime, life: timedelta) -> str:
    """Open a session for a source and return its token; sessions that have expired are deleted."""
    session.execute(delete(NationalSession).where(NationalSession.expires_at <= now))
    token = secrets.token_urlsafe(32)
    opened = NationalSession(
        token_hash=hash_secret(token), source_id=source.id, key_id=source.key_id, created_at=now, expires_at=now + life
    )
    session.add(opened)
    session.flush()
    return token


def source_of_session(session: Session, token: str, now: datetime) -> KnownSource | None:
    """Return the source behind a session; None when it is unknown or expired, or its key no longer works."""
    opened = session.get(NationalSession, hash_secret(token))
    if opened is None or opened.expires_at <= now:
        return None
    return _known(session.get_one(Source, opened.source_id), opened.key_id, now)
