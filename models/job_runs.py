"""Runs of the jobs: one row for each job and moment of its schedule."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Instant


class JobRun(Base):
    """One run of a job for one moment of its schedule; whoever inserts the row runs it.

    slot: the moment of the schedule. heartbeat_at: the owner's last heartbeat while it runs.
    attempt: grows when another process takes the run over; the former owner's result then no longer
    counts. missed: moments of the schedule between the run before and this one that nobody ran.
    result: numbers by name, as JSON.
    """

    __tablename__ = "job_run"

    job: Mapped[str] = mapped_column(String(40), primary_key=True)
    slot: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    next_slot: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(String(8))
    owner: Mapped[str] = mapped_column(String(80))
    attempt: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(Instant)
    heartbeat_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    missed: Mapped[int]
    error: Mapped[str | None] = mapped_column(String(200))
    result: Mapped[str] = mapped_column(Text)

    __table_args__ = (CheckConstraint("state IN ('running', 'done', 'failed')", "state"),)
