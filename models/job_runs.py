"""Runs of the jobs, one row a job and slot, and the rhythm in which sources push."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Instant


class JobRun(Base):
    """One run of a job for one slot of its schedule; whoever inserts the row runs it.

    beat_at: the last sign of life of the owner while running. attempt: grows when another process
    takes the run over, so that a late owner's end is not taken. missed: slots between the run
    before and this one that nobody ran. facts: what the job found, as JSON of numbers.
    """

    __tablename__ = "job_run"

    job: Mapped[str] = mapped_column(String(40), primary_key=True)
    slot: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    next_slot: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(String(8))
    owner: Mapped[str] = mapped_column(String(80))
    attempt: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(Instant)
    beat_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    missed: Mapped[int]
    error: Mapped[str | None] = mapped_column(String(200))
    facts: Mapped[str] = mapped_column(Text)

    __table_args__ = (CheckConstraint("state IN ('running', 'done', 'failed')", "state"),)
