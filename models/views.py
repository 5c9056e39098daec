"""Views: how many answers were given about each unit, and nothing about the readers."""

from datetime import datetime

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Instant


class UnitViews(Base):
    """Views of a unit's widget or page within a span of time: a minute, a local day, a civil month, or all time."""

    __tablename__ = "unit_views"

    span: Mapped[str] = mapped_column(String(6), primary_key=True)
    start: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    unit_code: Mapped[str] = mapped_column(String(35), primary_key=True)
    kind: Mapped[str] = mapped_column(String(6), primary_key=True)
    views: Mapped[int] = mapped_column(BigInteger)
