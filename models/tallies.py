"""Tallies: integer flows per unit and local day, and per unit, civil month and field or channel.

They hold only what has happened. What an unfinished dossier counts as changes with the clock, so it is counted at each
question. Each row can be recounted from the dossiers (`tallies verify`).
"""

from datetime import date, datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Instant, table_of


class Flows:
    """The columns of flows, in the order of service.domain.statistics.counts.FLOWS."""

    received_online: Mapped[int] = mapped_column(default=0)
    received_direct: Mapped[int] = mapped_column(default=0)
    received_postal: Mapped[int] = mapped_column(default=0)
    early: Mapped[int] = mapped_column(default=0)
    on_time: Mapped[int] = mapped_column(default=0)
    late: Mapped[int] = mapped_column(default=0)
    no_deadline: Mapped[int] = mapped_column(default=0)
    withdrawn: Mapped[int] = mapped_column(default=0)
    stopped: Mapped[int] = mapped_column(default=0)
    withdrawn_late: Mapped[int] = mapped_column(default=0)
    stopped_late: Mapped[int] = mapped_column(default=0)
    reception_late: Mapped[int] = mapped_column(default=0)


class DayTally(Flows, Base):
    """Flows of a unit on a local day."""

    __tablename__ = "tally_day"
    __table_args__ = (Index(None, "day"),)

    unit_code: Mapped[str] = mapped_column(String(35), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)


class MonthTally(Flows, Base):
    """Flows of a unit in a civil month: in total (dimension "", key ""), or of one field or channel.

    key "" in the dimension "field" holds the dossiers without a field.
    """

    __tablename__ = "tally_month"
    __table_args__ = (Index(None, "dimension", "month"),)  # a question about all units reads the months that it needs

    dimension: Mapped[str] = mapped_column(String(8), primary_key=True)
    unit_code: Mapped[str] = mapped_column(String(35), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(300), primary_key=True)


class UnitNews(Base):
    """The newest change of a unit, so that the age of its data is known without a search in its versions."""

    __tablename__ = "unit_news"

    unit_code: Mapped[str] = mapped_column(String(35), primary_key=True)
    newest_change: Mapped[datetime] = mapped_column(Instant)


class SourceNews(Base):
    """Until when a source has told about a unit: the moment of its last record, or of a heartbeat."""

    __tablename__ = "source_news"

    source_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    unit_code: Mapped[str] = mapped_column(String(35), primary_key=True)
    told_until: Mapped[datetime] = mapped_column(Instant)


DAY = table_of(DayTally)
MONTH = table_of(MonthTally)
NEWS = table_of(UnitNews)
SOURCE_NEWS = table_of(SourceNews)
