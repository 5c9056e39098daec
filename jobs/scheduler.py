"""Run a table of jobs: inside the serving process, or alone (`python -m jobs`).

APScheduler only says when to poll. Which run is due follows from the schedule and the clock. The process that writes
the run's row into the database runs it, so any number of processes may poll.
"""

import logging
import os
import socket
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise, takewhile
from threading import Event, Thread
from zoneinfo import ZoneInfo

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from jobs.schedule import Job, Result
from service.components import Components
from service.store import job_runs
from service.store.job_runs import RunLease, ScheduledRun

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_LOOK_BACK = tuple(timedelta(days=days) for days in (1 / 1440, 1 / 24, 1, 8, 32, 400))
_MOST_COUNTED = 1000
_log = logging.getLogger("tthc.jobs")


def due_run(job: Job, now: datetime) -> ScheduledRun | None:
    """Return the newest run of a job's schedule that is not after now; None if it had none for over a year."""
    for back in _LOOK_BACK:
        for due, following in pairwise(_moments_after(job, now - back)):
            if due > now:
                break
            if following > now:
                return ScheduledRun(job.name, due.astimezone(UTC), following.astimezone(UTC))
    return None


def _moments_after(job: Job, moment: datetime) -> Iterator[datetime]:
    """Yield the moments of a job's schedule after a moment, without end."""
    trigger = CronTrigger(**job.cron, timezone=ZONE)
    while moment := trigger.get_next_fire_time(moment, moment):
        yield moment


def runs_between(job: Job, first: datetime, last: datetime) -> int:
    """Count the moments of a job's schedule strictly between two of its moments, up to a thousand."""
    moments = takewhile(lambda moment: moment < last, _moments_after(job, first))
    return sum(1 for _ in islice(moments, _MOST_COUNTED))


class Runner:
    """Runs the due runs of jobs that no other process runs."""

    def __init__(self, components: Components, clock: Callable[[Session], datetime] = job_runs.clock) -> None:
        self.components = components
        self.clock = clock
        self.owner = f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"

    def poll(self, job: Job) -> None:
        """Run the newest due run of a job if no process has taken it; so a run that was missed is caught up, too."""
        try:
            lease = self._take_due(job)
        except SQLAlchemyError as error:
            _log.warning("the due run of %s cannot be read or taken (%s); trying again", job.name, type(error).__name__)
            return
        if lease:
            with structlog.contextvars.bound_contextvars(job=job.name, slot=lease.run.at.isoformat()):
                self._run(job, lease)

    def _take_due(self, job: Job) -> RunLease | None:
        database = self.components.database
        with database.reading() as session:
            now = self.clock(session)
            run = due_run(job, now)
            if run is None or not job_runs.is_free(session, run, now):
                return None
        waiting_since = time.monotonic()
        with database.writing() as session:
            if time.monotonic() - waiting_since > job_runs.HEARTBEAT_SECONDS:
                return None  # while the write lock was held, an owner could not write its heartbeats: poll again later
            before = job_runs.last_run_before(session, run)
            missed = runs_between(job, before, run.at) if before else 0
            return job_runs.take(session, run, self.owner, self.clock(session), missed)

    def _run(self, job: Job, lease: RunLease) -> None:
        _log.info("job started, attempt %d", lease.attempt)
        ended = Event()
        heartbeats = Thread(target=self._send_heartbeats, args=(lease, ended), daemon=True)
        heartbeats.start()
        result: Result = {}
        error = None
        try:
            result = job.run(self.components, lease.taken_at)
        except Exception as failure:  # after any error the run must be closed as failed
            error = type(failure).__name__
            _log.exception("job failed")
        finally:
            ended.set()
            heartbeats.join()
        with self.components.database.writing() as session:
            if not job_runs.finish(session, lease, self.clock(session), result, error):
                _log.warning("job was taken over while it ran: its result is not counted")
        if error is None:
            _log.info("job done: %s", dict(result))

    def _send_heartbeats(self, lease: RunLease, ended: Event) -> None:
        while not ended.wait(job_runs.HEARTBEAT_SECONDS):
            try:
                with self.components.database.writing() as session:
                    if not job_runs.heartbeat(session, lease, self.clock(session)):
                        return
            except Exception:
                _log.exception("no heartbeat could be written; trying again")


class JobScheduler:
    """APScheduler, which fires at the moments of the schedule, and a thread that polls beside it.

    APScheduler waits for a moment of the wall clock: if the clock is set back by two days, it waits two days longer.
    The thread waits by the monotonic clock, so it goes on; it also finds runs that were missed or abandoned.
    """

    def __init__(self, runner: Runner, jobs: Sequence[Job]) -> None:
        """Start polling for every job; the caller shuts the scheduler down."""
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it warns at every poll while a job runs
        executors = {"default": ThreadPoolExecutor(len(jobs))}
        once = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        self._scheduler = BackgroundScheduler(timezone=ZONE, executors=executors, job_defaults=once)
        for job in jobs:
            trigger, now = CronTrigger(**job.cron, timezone=ZONE), datetime.now(ZONE)
            self._scheduler.add_job(runner.poll, trigger, args=[job], id=job.name, next_run_time=now)
        self._scheduler.start()
        self._stopped = Event()
        self._poller = Thread(target=self._poll, name="jobs-poll", daemon=True)
        self._poller.start()

    def _poll(self) -> None:
        while not self._stopped.wait(job_runs.POLL_SECONDS):
            for job in self._scheduler.get_jobs():
                job.modify(next_run_time=datetime.now(ZONE))

    def shutdown(self) -> None:
        """Start nothing more, and wait for the jobs that run."""
        self._stopped.set()
        self._poller.join()
        self._scheduler.shutdown(wait=True)
