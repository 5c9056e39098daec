"""Sources (phần mềm một cửa), their settings, and their keys: shown once, stored as a hash."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from models.base import table_of
from models.dossiers import Dossier, DossierVersion, DuplicatePair, PausedIntervalRow
from models.sources import SCOPES, Source, SourceHeading
from models.tallies import SOURCE_NEWS
from service.domain.api_keys import new_key
from service.domain.calendar.local_time import local_day
from service.domain.errors import BadData, NotFound
from service.store import catalogue
from service.store.statistics.heard import record_told

_HEADING, _SOURCE = table_of(SourceHeading), table_of(Source)
_LOCKED = select(Source).where(Source.id == bindparam("source")).with_for_update(key_share=True)
_LOCKED = _LOCKED.execution_options(populate_existing=True)
_PUSHED = update(_SOURCE).where(_SOURCE.c.id == bindparam("source"))
_ENDED = "Khóa đã hết hạn, --overlap không làm nó dùng lại được: xem `sources set --until` (ended: see there)"
_NAMED = 5
"""How many dossiers a refusal names."""


class UnknownSource(NotFound):
    """No source has this code."""

    def __init__(self, code: str) -> None:
        message = f"Không có nguồn {code[:40]!r}; xem `sources list` (no such source; see the list)"
        super().__init__(message, {"source": [message]})


def find(session: Session, code: str) -> Source:
    """Return a source by its code; UnknownSource when there is none."""
    row = session.scalar(select(Source).where(Source.code == code))
    if row is None:
        raise UnknownSource(code)
    return row


def by_id(session: Session, source_id: int) -> Source:
    """Return a source by its id, which must exist."""
    return session.get_one(Source, source_id)


def id_of(session: Session, code: str) -> int | None:
    """Return the id of a source, None when there is none."""
    return session.scalar(select(Source.id).where(Source.code == code))


def pushing(session: Session, code: str) -> int:
    """Return the id of a source that may push; UnknownSource, or BadData for one that is disabled."""
    row = find(session, code)
    if row.disabled_at is not None:
        raise BadData(f"Nguồn {code!r} đã bị khóa (this source is disabled)")
    return row.id


def add(
    session: Session,
    code: str,
    name: str | None,
    now: datetime,
    until: datetime | None = None,
    *,
    is_test: bool = False,
) -> str:
    """Add a source and return its key, which is never shown again; the key works until `until` (None: no end).

    is_test: a trial, whose dossiers never count; it can never be made a real source.
    """
    if not 1 <= len(code) <= 64 or not code.isascii() or not code.isprintable() or " " in code:
        raise BadData("Mã nguồn: 1 đến 64 ký tự ASCII không dấu cách (source code: printable ASCII)")
    if id_of(session, code):
        raise BadData(f"Nguồn {code!r} đã có; dùng `sources rotate` để đổi khóa (it exists already)")
    key_id, key, key_hash = new_key()
    made = Source(code=code, name=name, key_id=key_id, key_hash=key_hash, ok_code="0", created_at=now, key_until=until)
    made.is_test = is_test
    session.add(made)
    session.flush()
    return key


def rotate(
    session: Session, code: str, now: datetime, overlap: timedelta = timedelta(0), until: datetime | None = None
) -> str:
    """Give a source a new key, which works until `until`; the old key stops at once, or after the overlap."""
    row, ends = find(session, code), now + overlap
    if overlap and row.key_until and row.key_until <= now:
        raise BadData(_ENDED)
    row.former_key_id, row.former_key_hash = row.key_id, row.key_hash
    row.former_until = min(ends, row.key_until or ends)
    row.key_id, key, row.key_hash = new_key()
    row.key_until = until
    return key


def set_disabled(session: Session, code: str, since: datetime | None) -> None:
    """Disable a source since a moment; None: enable it again. Its dossiers and key stay."""
    find(session, code).disabled_at = since
    session.flush()


def bind(session: Session, code: str, unit_code: str | None) -> None:
    """Bind a source: it may send for this unit and all below it only; None: for every unit."""
    if unit_code is not None and unit_code not in catalogue.unit_tree(session):
        raise BadData(f"Không có đơn vị {unit_code}; xem `units list` (no such unit; see the list)")
    find(session, code).unit_code = unit_code


def set_scopes(session: Session, code: str, scopes: Iterable[str]) -> None:
    """Say what the key of a source may do."""
    wanted = set(scopes)
    if not wanted or wanted - set(SCOPES):
        raise BadData(f"scopes: dùng một hay nhiều trong (use some of): {', '.join(SCOPES)}")
    find(session, code).scopes = ",".join(scope for scope in SCOPES if scope in wanted)


def set_ok_code(session: Session, code: str, ok_code: str) -> None:
    """Set the error_code that tells a source in the national format that all went well: "0" or "00"."""
    if not 1 <= len(ok_code) <= 8 or not ok_code.isdigit():
        raise BadData("ok-code: 1 đến 8 chữ số (digits)")
    find(session, code).ok_code = ok_code


def transfer(session: Session, old: str, new: str) -> int:
    """Hand the dossiers of a source, with all their versions, to another one; return how many. Keys stay.

    Raises BadData when both have a dossier of one code, because (source, code) identifies a dossier.
    """
    first, second = find(session, old), find(session, new)
    giver, taker = first.id, second.id
    if giver == taker:
        raise BadData("Hai nguồn phải khác nhau (the two sources must differ)")
    if first.is_test or second.is_test:
        raise BadData("Hồ sơ của nguồn thử không được tính, không chuyển được (dossiers of trials stay there)")
    for source_id in sorted((giver, taker)):
        lock_for_push(session, source_id)
    theirs = select(Dossier.code).where(Dossier.source_id == taker)
    mine_too = select(Dossier.code).where(Dossier.source_id == giver, Dossier.code.in_(theirs))
    both = session.scalars(mine_too.order_by(Dossier.code).limit(_NAMED)).all()
    if both:
        raise BadData(f"Hai nguồn cùng có mã {', '.join(both)}, kể cả đã xóa (both have these, deleted ones, too)")
    moved = 0
    keys = [table.source_id for table in (PausedIntervalRow, DossierVersion, DuplicatePair)]
    for key in (*keys, DuplicatePair.other_source_id, Dossier.source_id):
        statement = update(key.class_).where(key == giver).values({key: taker})
        moved = session.execute(statement, execution_options={"synchronize_session": False}).rowcount  # type: ignore[attr-defined]
    news = session.execute(select(SOURCE_NEWS).where(SOURCE_NEWS.c.source_id == giver))
    record_told(session, taker, {row.unit_code: row.told_until for row in news})
    session.execute(delete(SOURCE_NEWS).where(SOURCE_NEWS.c.source_id == giver))
    return moved


def set_derive_pauses(session: Session, code: str, *, derive: bool) -> None:
    """Set whether pauses are derived from a source's statuses where it gives none."""
    find(session, code).derive_pauses = derive
    session.flush()


def remove(session: Session, source_id: int) -> int:
    """Delete a source with everything that came from it; return how many dossiers were deleted."""
    removed = 0
    session.execute(delete(DuplicatePair).where(DuplicatePair.other_source_id == source_id))
    for table in reversed(Source.metadata.sorted_tables):
        if "source_id" in table.c:
            gone = session.execute(delete(table).where(table.c.source_id == source_id))
            removed = gone.rowcount if table.name == Dossier.__tablename__ else removed  # type: ignore[attr-defined]
    session.execute(delete(Source).where(Source.id == source_id))
    return removed


def all_sources(session: Session) -> list[Source]:
    """Return every source, by code."""
    return list(session.scalars(select(Source).order_by(Source.code)))


def lock_for_push(session: Session, source_id: int) -> Source:
    """Lock a source until the commit, so that its pushes are filed one after another, and return it.

    On SQLite the writing transaction has locked the database already.
    """
    return session.scalars(_LOCKED, {"source": source_id}).one()


def note_push(session: Session, source_id: int, now: datetime) -> None:
    """Note when a source last pushed."""
    session.execute(_PUSHED, {"source": source_id, "last_push_at": now, "key_used_on": local_day(now)})


def headings(session: Session, source_id: int) -> dict[str, str]:
    """Return the fields of headings that a source's people settled, by the heading's key; "": the column is ignored."""
    rows = session.execute(select(_HEADING.c.heading, _HEADING.c.field).where(_HEADING.c.source_id == source_id))
    return {row.heading: row.field for row in rows}


def keep_headings(session: Session, source_id: int, fields: Mapping[str, str | None]) -> None:
    """Store the fields of these headings (see `headings`) in place of what was stored for them; None: forget it."""
    session.execute(delete(_HEADING).where(_HEADING.c.source_id == source_id, _HEADING.c.heading.in_(sorted(fields))))
    kept = sorted((heading, name) for heading, name in fields.items() if name is not None)
    if rows := [{"source_id": source_id, "heading": heading, "field": name} for heading, name in kept]:
        session.execute(insert(_HEADING), rows)
