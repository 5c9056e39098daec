"""Each scheduled run of each job happens once, however many processes poll for it.

There is one row for each job and scheduled moment; the process that writes the row runs the job. It holds the run under
a lease that its heartbeats renew. A run whose lease has ended (its owner was killed) is taken over: the row's `attempt`
grows, and the former owner's heartbeats and result no longer count.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, and_, case, delete, func, not_, select, update
from sqlalchemy.orm import Session

from models.base import table_of
from models.job_runs import JobRun
from service.store.sql import dialect, upsert

LEASE = timedelta(seconds=30)
"""How long a run stays its owner's after a heartbeat. As processes poll every 10 s, another takes over in a minute."""

HEARTBEAT_SECONDS = 5.0
"""Six heartbeats fit into a lease, so one slow write loses nothing."""

POLL_SECONDS = 10.0
"""How often a process looks for runs that are due: missed ones, and those of a killed process."""

_RUN = table_of(JobRun)


class ScheduledRun(NamedTuple):
    """A job, a moment of its schedule, and the moment after it."""

    job: str
    at: datetime
    next: datetime


class RunLease(NamedTuple):
    """A run that this process holds since `taken_at`; `attempt` is 1, or more after a take-over."""

    run: ScheduledRun
    attempt: int
    taken_at: datetime


def clock(session: Session) -> datetime:
    """Return the moment by which runs are due and leases end: one clock for all replicas.

    PostgreSQL's clock, so replicas whose own clocks differ agree. A SQLite file has one machine.
    """
    if dialect(session) == "sqlite":
        return datetime.now(UTC)
    moment: datetime = session.scalars(select(func.clock_timestamp())).one()
    return moment


def is_free(session: Session, run: ScheduledRun, now: datetime) -> bool:
    """Say, without a lock, whether nobody took a run or its owner is gone."""
    taken = and_(_row(run), not_(_abandoned(now)))
    return session.scalar(select(JobRun.slot).where(taken)) is None


def last_run_before(session: Session, run: ScheduledRun) -> datetime | None:
    """Return the scheduled moment of the job's run before this one."""
    return session.scalar(select(func.max(JobRun.slot)).where(JobRun.job == run.job, JobRun.slot < run.at))


def take(session: Session, run: ScheduledRun, owner: str, now: datetime, missed: int) -> RunLease | None:
    """Take a run that nobody took, or whose owner is gone; None when another process has it.

    While an earlier run of the job goes on, the new run waits. An earlier run whose owner is gone is closed as failed:
    the newer run does its work. Rows later than now were written under a clock that ran ahead; they are deleted.
    """
    session.execute(delete(JobRun).where(JobRun.job == run.job, JobRun.slot > now))
    earlier = and_(JobRun.job == run.job, JobRun.slot < run.at, JobRun.state == "running")
    if session.scalar(select(JobRun.slot).where(earlier, not_(_abandoned(now))).limit(1)):
        return None
    session.execute(update(JobRun).where(earlier).values(state="failed", finished_at=now, error="owner gone"))
    mine = {"owner": owner, "started_at": now, "heartbeat_at": now}
    new = {"job": run.job, "slot": run.at, "next_slot": run.next, "state": "running", "attempt": 1, "missed": missed}
    statement = upsert(session, _RUN).values(**new, **mine, result="{}")
    statement = statement.on_conflict_do_update(
        index_elements=["job", "slot"], set_={**mine, "attempt": _RUN.c.attempt + 1}, where=_abandoned(now)
    )
    attempt = session.scalar(statement.returning(_RUN.c.attempt))
    return None if attempt is None else RunLease(run, attempt, now)


def _abandoned(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a run's owner is gone: its heartbeat is old, or far ahead as the clock was set back."""
    alive = _RUN.c.heartbeat_at.between(now - LEASE, now + LEASE)
    return and_(_RUN.c.state == "running", not_(alive))


def heartbeat(session: Session, lease: RunLease, now: datetime) -> bool:
    """Renew the lease; False when the run was taken over."""
    return _update(session, lease, heartbeat_at=now)


def finish(session: Session, lease: RunLease, now: datetime, result: Mapping[str, Any], error: str | None) -> bool:
    """Close a run with its result; False when it was taken over, and the new owner's result counts."""
    state, numbers = "failed" if error else "done", orjson.dumps(dict(result)).decode()
    reason = error and error[:200]
    return _update(session, lease, state=state, finished_at=now, heartbeat_at=now, error=reason, result=numbers)


def _update(session: Session, lease: RunLease, **values: Any) -> bool:
    mine = and_(_row(lease.run), JobRun.state == "running", JobRun.attempt == lease.attempt)
    return session.scalar(update(JobRun).where(mine).values(values).returning(JobRun.attempt)) is not None


def _row(run: ScheduledRun) -> ColumnElement[bool]:
    return and_(JobRun.job == run.job, JobRun.slot == run.at)


class JobState(NamedTuple):
    """How a job stands; overdue_by: since its newest run was due and did not succeed, or 0."""

    job: str
    failures: int
    missed: int
    last_success: datetime | None
    last_seconds: float | None
    overdue_by: timedelta
    last_state: str
    result: dict[str, Any]


def states(session: Session, now: datetime) -> list[JobState]:
    """Return the state of every job that ran by now, by name; later runs (a clock ran ahead) are ignored."""
    failed = func.sum(case((JobRun.state == "failed", 1), else_=0))
    totals = session.execute(
        select(JobRun.job, failed.label("failures"), func.sum(JobRun.missed).label("missed"))
        .where(JobRun.slot <= now)
        .group_by(JobRun.job)
        .order_by(JobRun.job)
    ).all()
    return [_state(session, row.job, int(row.failures), int(row.missed), now) for row in totals]


def _state(session: Session, job: str, failures: int, missed: int, now: datetime) -> JobState:
    runs = select(JobRun).where(JobRun.job == job, JobRun.slot <= now).order_by(JobRun.slot.desc()).limit(1)
    newest = session.scalars(runs).one()
    success = newest if newest.state == "done" else session.scalars(runs.where(JobRun.state == "done")).first()
    due = newest.slot if newest.state == "running" else newest.next_slot
    ended = success.finished_at if success else None
    seconds = (ended - success.started_at).total_seconds() if success and ended else None
    result = orjson.loads(success.result) if success else {}
    return JobState(job, failures, missed, ended, seconds, max(now - due, timedelta(0)), newest.state, result)


def last_result(session: Session, job: str, now: datetime) -> dict[str, Any]:
    """Return the result of the job's last successful run, {} before the first."""
    done = and_(JobRun.job == job, JobRun.state == "done", JobRun.slot <= now)
    stored = session.scalar(select(JobRun.result).where(done).order_by(JobRun.slot.desc()).limit(1))
    return dict(orjson.loads(stored)) if stored else {}


def correct_result(session: Session, job: str, values: Mapping[str, Any]) -> None:
    """Correct the result of a job's last successful run, after an operator repaired what that run had reported."""
    newest = select(func.max(JobRun.slot)).where(JobRun.job == job, JobRun.state == "done").scalar_subquery()
    run = session.scalar(select(JobRun).where(JobRun.job == job, JobRun.slot == newest))
    if run is not None:
        run.result = orjson.dumps(orjson.loads(run.result) | dict(values)).decode()
        session.flush()
