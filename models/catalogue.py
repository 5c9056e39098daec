"""Units, fields, procedures and the calendar: what dossiers refer to by code."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigKey, Instant


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
    reports: Mapped[bool | None]
    heard_on: Mapped[date | None]

    __table_args__ = (Index(None, "parent_code"), CheckConstraint("parent_code <> code", "not_its_own_parent"))


class UnitHeard(Base):
    """A local day on which a unit was heard: a record of one of its dossiers, or a heartbeat."""

    __tablename__ = "unit_heard"

    unit_code: Mapped[str] = mapped_column(String(35), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)


class Field(Base):
    """A field (lĩnh vực): a group of procedures. learned_at: when a dossier gave its name; null: an import did."""

    __tablename__ = "field"

    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str | None] = mapped_column(String(300))
    learned_at: Mapped[datetime | None] = mapped_column(Instant)


class FieldName(Base):
    """The name of a field as some dossier without a field code spells it; a question looks up its field."""

    __tablename__ = "field_name"

    name: Mapped[str] = mapped_column(String(300), primary_key=True)


class Procedure(Base):
    """A procedure (thủ tục hành chính) under its code as sent: its name and field. learned_at: as in Field."""

    __tablename__ = "procedure"

    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str | None] = mapped_column(String(500))
    field_code: Mapped[str | None] = mapped_column(String(64))
    field_name: Mapped[str | None] = mapped_column(String(300))
    learned_at: Mapped[datetime | None] = mapped_column(Instant)


class CatalogueVersion(Base):
    """A version of what deadlines are computed from: an import of procedures or days, or other office hours."""

    __tablename__ = "catalogue_version"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    known_at: Mapped[datetime] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(String(12))
    office_hours: Mapped[str] = mapped_column(String(200))
    receipt_off_hours: Mapped[str] = mapped_column(String(8))


class ImportedProcedureRow(Base):
    """What one import told of a procedure, under its national code: append-only, so that old deadlines stay."""

    __tablename__ = "imported_procedure"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    version: Mapped[int] = mapped_column(ForeignKey("catalogue_version.id"))
    code: Mapped[str] = mapped_column(String(64))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    field_code: Mapped[str | None] = mapped_column(String(64))
    limit_amount: Mapped[int | None]
    limit_unit: Mapped[str | None] = mapped_column(String(16))

    __table_args__ = (
        CheckConstraint("(limit_amount IS NULL) = (limit_unit IS NULL)", "limit_complete"),
        Index(None, "code"),
    )


class CalendarDay(Base):
    """An official decision on one day, which wins over the holidays package: append-only, the newest counts."""

    __tablename__ = "calendar_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(ForeignKey("catalogue_version.id"), primary_key=True)
    working: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(300))
