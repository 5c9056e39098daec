"""Sources, their keys and sessions, the usual gap between their pushes, and the headings of their files."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Instant

SCOPES = ("push", "import", "read")
"""What a key may do: push dossiers, import files, read the source's own dossiers."""


class NationalSession(Base):
    """A session that a source opened with its key; of its token only a hash is kept.

    key_id: the key that opened the session, which no longer works when that key does not.
    """

    __tablename__ = "national_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    key_id: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (Index(None, "expires_at"),)


class Source(Base):
    """A one-stop-shop system that sends dossiers (phần mềm một cửa); of its key only a hash is kept.

    unit_code: the unit that it is bound to: it may send for this unit and all below it; None for any. scopes: what its
    key may do, words with a comma between. is_test: a trial, whose dossiers never count. former_…: the key before the
    last rotation, which works until former_until.
    """

    __tablename__ = "source"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str | None] = mapped_column(String(300))
    key_id: Mapped[str] = mapped_column(String(16), unique=True)
    key_hash: Mapped[str] = mapped_column(String(64))
    ok_code: Mapped[str] = mapped_column(String(8), default="0")
    derive_pauses: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_test: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(Instant)
    disabled_at: Mapped[datetime | None] = mapped_column(Instant)
    last_push_at: Mapped[datetime | None] = mapped_column(Instant)
    unit_code: Mapped[str | None] = mapped_column(String(35))
    scopes: Mapped[str] = mapped_column(String(40), default=",".join(SCOPES), server_default=",".join(SCOPES))
    key_until: Mapped[datetime | None] = mapped_column(Instant)
    key_used_on: Mapped[date | None]
    former_key_id: Mapped[str | None] = mapped_column(String(16), index=True, unique=True)
    former_key_hash: Mapped[str | None] = mapped_column(String(64))
    former_until: Mapped[datetime | None] = mapped_column(Instant)


class SourceHour(Base):
    """An hour in which a source pushed; kept for some weeks, to measure its usual gap."""

    __tablename__ = "source_hour"

    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), primary_key=True)
    hour: Mapped[datetime] = mapped_column(Instant, primary_key=True)


class SourceRhythm(Base):
    """The usual gap between a source's pushes, in seconds of working time."""

    __tablename__ = "source_rhythm"

    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), primary_key=True)
    usual_gap_seconds: Mapped[int]
    measured_at: Mapped[datetime] = mapped_column(Instant)


class SourceHeading(Base):
    """A heading in a source's files that a person settled: which field it is, or "" if its column is ignored."""

    __tablename__ = "source_heading"

    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), primary_key=True)
    heading: Mapped[str] = mapped_column(String(150), primary_key=True)
    field: Mapped[str] = mapped_column(String(40))
