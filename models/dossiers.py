"""Dossiers: where each one stands now, every version of it, and the times it was paused."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigKey, Instant


def _partial_index(name: str, where: str, *columns: str) -> Index:
    return Index(f"ix_dossier_{name}", *columns, sqlite_where=text(where), postgresql_where=text(where))


class Dossier(Base):
    """Where a dossier (hồ sơ) stands by its current version: what counting needs, worked out when it is filed.

    received_at: null for a dossier that is never counted. due_at: the last moment on time. ended_at: never before
    received_at. span: the duration class of a closed dossier. digest: of the current snapshot; empty when the source
    deleted the dossier. catalogue_version: the version of the catalogue when a deadline could first be computed.
    warning_kinds: a JSON array of kinds, null when there are none. merged: a person said that another dossier is the
    same and counts in its place; its receipt is then kept in merged_received_at. end_known_at: when its end became
    known, if it was known as open before. lateness: bits of service.domain.dossier.lateness, null when none is set.
    """

    __tablename__ = "dossier"

    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    unit_code: Mapped[str] = mapped_column(String(35))
    procedure_code: Mapped[str] = mapped_column(String(64))
    field_key: Mapped[str | None] = mapped_column(String(300))
    channel: Mapped[int] = mapped_column(SmallInteger)
    status: Mapped[int] = mapped_column(SmallInteger)
    received_at: Mapped[datetime | None] = mapped_column(Instant)
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    outcome: Mapped[str | None] = mapped_column(String(12))
    span: Mapped[int | None] = mapped_column(SmallInteger)
    has_pauses: Mapped[bool]
    reception_limit: Mapped[datetime | None] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    known_at: Mapped[datetime] = mapped_column(Instant)
    digest: Mapped[str] = mapped_column(String(32))
    steps: Mapped[str | None] = mapped_column(Text)
    deadline: Mapped[str | None] = mapped_column(Text)
    catalogue_version: Mapped[int | None]
    warning_kinds: Mapped[str | None] = mapped_column(Text)
    national_code: Mapped[str | None] = mapped_column(String(64))
    merged: Mapped[bool] = mapped_column(default=False, server_default=false())
    merged_received_at: Mapped[datetime | None] = mapped_column(Instant)
    end_known_at: Mapped[datetime | None] = mapped_column(Instant)
    lateness: Mapped[int | None] = mapped_column(SmallInteger)

    __table_args__ = (
        CheckConstraint("status BETWEEN 1 AND 10", "status"),
        CheckConstraint("channel BETWEEN 1 AND 3", "channel"),
        CheckConstraint("received_at IS NULL OR (span IS NULL) = (ended_at IS NULL)", "closed_has_end"),
        CheckConstraint("ended_at IS NULL OR received_at IS NULL OR ended_at >= received_at", "end_order"),
        # Unfinished dossiers are counted at every question. The index has every column that this needs. `span` is one
        # of them only because SQLite would read each row without it.
        _partial_index(
            "unfinished", "span IS NULL AND received_at IS NOT NULL",
            "unit_code", "has_pauses", "received_at", "due_at", "channel", "reception_limit", "field_key", "source_id",
            "code", "span",
        ),
        # Finished dossiers by their class of duration, for questions about a past moment. A dossier of class 2 took at
        # most 16 days: if it was open on 1 March, it ended by 17 March, and nothing that ended later is read.
        _partial_index("closed", "span IS NOT NULL", "span", "ended_at", "unit_code"),
        # By due moment: which dossiers were due in a period (the formula cohort).
        _partial_index("due", "due_at IS NOT NULL AND received_at IS NOT NULL", "due_at"),
        # The few dossiers with lateness.
        _partial_index("lateness", "lateness IS NOT NULL", "ended_at", "unit_code", "lateness"),
        _partial_index("reception", "reception_limit IS NOT NULL", "unit_code"),
        _partial_index("warnings", "warning_kinds IS NOT NULL", "source_id", "unit_code", "warning_kinds"),
        _partial_index("merged", "merged_received_at IS NOT NULL", "unit_code"),
    )  # fmt: skip


class DossierVersion(Base):
    """One event of a dossier that brought something new, stale ones too: append-only.

    changed_at: when it happened, or when it became known if the sender does not say. known_at: when it became known.
    payload: the accepted fields as JSON, never anything personal.
    """

    __tablename__ = "dossier_version"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    code: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(8))
    result: Mapped[str] = mapped_column(String(9))
    unit_code: Mapped[str] = mapped_column(String(35))
    changed_at: Mapped[datetime] = mapped_column(Instant)
    known_at: Mapped[datetime] = mapped_column(Instant)
    request_id: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(32))
    payload: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index(None, "source_id", "code"), Index(None, "unit_code", "changed_at"))


class PausedIntervalRow(Base):
    """A time in which a dossier is paused, in time or overdue; the intervals of one dossier never overlap."""

    __tablename__ = "paused_span"

    source_id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    start: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    end: Mapped[datetime | None] = mapped_column(Instant)
    in_time: Mapped[bool]


class DuplicatePair(Base):
    """Two dossiers that may be the same. state: candidate, or confirmed or refused by a person.

    Of a confirmed pair the first dossier counts. reason: what the two share.
    """

    __tablename__ = "duplicate_pair"

    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    other_source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), primary_key=True)
    other_code: Mapped[str] = mapped_column(String(64), primary_key=True)
    state: Mapped[str] = mapped_column(String(9))
    reason: Mapped[str] = mapped_column(String(13))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
