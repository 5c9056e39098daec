"""Each slot of each job once, however many processes ask: claim rows, signs of life, take-over.

The clocks of the replicas are compared with each other, so they must agree to some seconds
(`doctor` looks at it); a lease of half a minute forgives more than that.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Table, and_, case, func, select, update
from sqlalchemy.orm import Session

from models.base import Base
from models.job_runs import JobRun
from service.store.sql import upsert

LEASE = timedelta(seconds=30)
"""A run without a sign of life for so long is taken over: with a look every 10 s that is within a minute."""

BEAT_SECONDS = 5.0
"""A sign of life: six of them fit into a lease, so that one slow write loses nothing."""

LOOK_SECONDS = 10
"""How often a process looks for slots that were missed and runs that were left."""

_RUN: Table = Base.metadata.tables["job_run"]


@dataclass(frozen=True)
class ScheduledRun:
    """A moment of a job's schedule and the next one."""

    job: str
    at: datetime
    next: datetime


@dataclass(frozen=True)
class RunLease:
    """A run that this owner has: nobody else runs the slot while it gives signs of life."""

    slot: ScheduledRun
    owner: str
    attempt: int


def is_free(session: Session, slot: ScheduledRun, now: datetime) -> bool:
    """Say, without locking anything, whether it is worth trying to claim a slot."""
    row = session.execute(
        select(JobRun.state, JobRun.beat_at).where(JobRun.job == slot.job, JobRun.slot == slot.at)
    ).first()
    return row is None or (row.state == "running" and row.beat_at < now - LEASE)


def last_slot(session: Session, job: str) -> datetime | None:
    """Return the newest slot of a job that anybody claimed."""
    return session.scalar(select(func.max(JobRun.slot)).where(JobRun.job == job))


def claim(session: Session, slot: ScheduledRun, owner: str, now: datetime, missed: int) -> RunLease | None:
    """Take a slot that nobody took, or whose owner is gone; None when it is somebody else's.

    While an earlier slot of the job still runs, the new one waits; if its owner is gone it is
    closed as failed, because the newer slot does its work.
    """
    running = and_(JobRun.job == slot.job, JobRun.state == "running", JobRun.slot < slot.at)
    if session.scalar(select(JobRun.slot).where(running, JobRun.beat_at >= now - LEASE).limit(1)):
        return None
    session.execute(update(JobRun).where(running).values(state="failed", finished_at=now, error="owner gone"))
    values = {
        "job": slot.job,
        "slot": slot.at,
        "next_slot": slot.next,
        "state": "running",
        "owner": owner,
        "attempt": 1,
        "started_at": now,
        "beat_at": now,
        "missed": missed,
        "facts": "{}",
    }
    statement = upsert(session, _RUN).values(values).on_conflict_do_nothing().returning(_RUN.c.attempt)
    attempt = session.execute(statement).scalar()
    if attempt is None:
        attempt = _take_over(session, slot, owner, now)
    return None if attempt is None else RunLease(slot, owner, attempt)


def _take_over(session: Session, slot: ScheduledRun, owner: str, now: datetime) -> int | None:
    statement = (
        update(JobRun)
        .where(JobRun.job == slot.job, JobRun.slot == slot.at)
        .where(JobRun.state == "running", JobRun.beat_at < now - LEASE)
        .values(owner=owner, attempt=JobRun.attempt + 1, started_at=now, beat_at=now)
        .returning(JobRun.attempt)
    )
    return session.execute(statement).scalar()


def beat(session: Session, held: RunLease, now: datetime) -> bool:
    """Give a sign of life; False when the run was taken over."""
    statement = update(JobRun).where(_mine(held)).values(beat_at=now).returning(JobRun.attempt)
    return session.execute(statement).scalar() is not None


def finish(session: Session, held: RunLease, now: datetime, facts: Mapping[str, Any], error: str | None) -> bool:
    """Close a run with what it found; False when it was taken over, whose end then counts."""
    values = {
        "state": "failed" if error else "done",
        "finished_at": now,
        "beat_at": now,
        "error": error and error[:200],
        "facts": orjson.dumps(dict(facts)).decode(),
    }
    statement = update(JobRun).where(_mine(held)).values(values).returning(JobRun.attempt)
    return session.execute(statement).scalar() is not None


def _mine(held: RunLease) -> Any:
    return and_(
        JobRun.job == held.slot.job,
        JobRun.slot == held.slot.at,
        JobRun.state == "running",
        JobRun.attempt == held.attempt,
        JobRun.owner == held.owner,
    )


@dataclass(frozen=True)
class JobState:
    """How a job stands. late_by: since when its newest due slot waits for a run to end."""

    job: str
    failures: int
    missed: int
    last_success: datetime | None
    last_seconds: float | None
    late_by: timedelta
    last_state: str
    facts: dict[str, Any] = field(default_factory=dict)


def states(session: Session, now: datetime) -> list[JobState]:
    """Return how every job stands that ever ran, by name."""
    failed = func.sum(case((JobRun.state == "failed", 1), else_=0))
    totals = session.execute(
        select(JobRun.job, failed.label("failures"), func.sum(JobRun.missed).label("missed"))
        .group_by(JobRun.job)
        .order_by(JobRun.job)
    ).all()
    return [_state(session, row.job, int(row.failures), int(row.missed), now) for row in totals]


def _state(session: Session, job: str, failures: int, missed: int, now: datetime) -> JobState:
    runs = select(JobRun).where(JobRun.job == job).order_by(JobRun.slot.desc()).limit(1)
    newest = session.scalars(runs).one()
    success = newest if newest.state == "done" else session.scalars(runs.where(JobRun.state == "done")).first()
    due = newest.slot if newest.state == "running" else newest.next_slot
    ended = success.finished_at if success else None
    return JobState(
        job,
        failures,
        missed,
        ended,
        (ended - success.started_at).total_seconds() if success and ended else None,
        max(now - due, timedelta(0)),
        newest.state,
        orjson.loads(success.facts) if success else {},
    )


def last_facts(session: Session, job: str) -> dict[str, Any]:
    """Return what the last successful run of a job found, {} before the first."""
    statement = select(JobRun.facts).where(JobRun.job == job, JobRun.state == "done")
    found = session.scalar(statement.order_by(JobRun.slot.desc()).limit(1))
    return dict(orjson.loads(found)) if found else {}
