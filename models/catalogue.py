"""Sources, units, fields, procedures and the calendar: what dossiers refer to by code."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Instant


class Source(Base):
    """A one-stop-shop system that sends dossiers (phần mềm một cửa); of its key only a hash is kept."""

    __tablename__ = "source"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str | None] = mapped_column(String(300))
    key_id: Mapped[str] = mapped_column(String(16), unique=True)
    key_hash: Mapped[str] = mapped_column(String(64))
    ok_code: Mapped[str] = mapped_column(String(8), default="0")
    created_at: Mapped[datetime] = mapped_column(Instant)
    disabled_at: Mapped[datetime | None] = mapped_column(Instant)
    last_push_at: Mapped[datetime | None] = mapped_column(Instant)


class UnitRow(Base):
    """A unit (cơ quan, đơn vị) under its normalised code; provisional until an import names it."""

    __tablename__ = "unit"

    code: Mapped[str] = mapped_column(String(35), primary_key=True)
    name: Mapped[str | None] = mapped_column(String(300))
    level: Mapped[str | None] = mapped_column(String(20))
    parent_code: Mapped[str | None] = mapped_column(String(35))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    successor_codes: Mapped[str] = mapped_column(Text, default="")
    provisional: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        Index(None, "parent_code"),
        CheckConstraint("parent_code <> code", "not_its_own_parent"),
    )


class Field(Base):
    """A field (lĩnh vực): a group of procedures."""

    __tablename__ = "field"

    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str | None] = mapped_column(String(300))


class Procedure(Base):
    """A procedure (thủ tục hành chính) under its code as sent, with its time limit if one is known."""

    __tablename__ = "procedure"

    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str | None] = mapped_column(String(500))
    field_code: Mapped[str | None] = mapped_column(String(64))
    field_name: Mapped[str | None] = mapped_column(String(300))
    limit_amount: Mapped[int | None]
    limit_unit: Mapped[str | None] = mapped_column(String(16))

    __table_args__ = (CheckConstraint("(limit_amount IS NULL) = (limit_unit IS NULL)", "limit_complete"),)


class CalendarDay(Base):
    """An official decision on one day, which wins over the holidays package."""

    __tablename__ = "calendar_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    working: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(300))
