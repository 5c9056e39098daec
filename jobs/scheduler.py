"""Run a table of jobs: inside the serving process, or alone (`python -m jobs`).

APScheduler only says when to look. Which slot is due follows from the schedule and the clock, and
whoever writes the slot's row into the database runs it, so any number of processes may look.
"""

import logging
import os
import socket
import time
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from zoneinfo import ZoneInfo

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from jobs.schedule import JOBS, Facts, Job
from service.components import Components
from service.store import job_runs
from service.store.job_runs import RunLease, ScheduledRun

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_LOOK_BACK = tuple(timedelta(days=days) for days in (1 / 1440, 1 / 24, 1, 8, 32, 400))
_COUNTED = 1000
_log = logging.getLogger("tthc.jobs")


def due_slot(job: Job, now: datetime) -> ScheduledRun | None:
    """Return the newest slot of a job that is not after now; None if it had none for over a year."""
    trigger = CronTrigger(**job.cron, timezone=ZONE)
    for back in _LOOK_BACK:
        found = trigger.get_next_fire_time(None, now - back)
        if found is not None and found <= now:
            break
    else:
        return None
    following = trigger.get_next_fire_time(found, found)
    while following <= now:
        found, following = following, trigger.get_next_fire_time(following, following)
    return ScheduledRun(job.name, found.astimezone(UTC), following.astimezone(UTC))


def slots_between(job: Job, first: datetime, last: datetime) -> int:
    """Count the slots strictly between two slots, up to a thousand."""
    trigger = CronTrigger(**job.cron, timezone=ZONE)
    count = 0
    slot = trigger.get_next_fire_time(first, first)
    while slot is not None and slot < last and count < _COUNTED:
        count += 1
        slot = trigger.get_next_fire_time(slot, slot)
    return count


class Runner:
    """Runs the due slots of jobs that nobody else runs."""

    def __init__(self, service: Components) -> None:
        """Give this process a name of its own among the owners of runs."""
        self.service = service
        self.owner = f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"

    def look(self, job: Job) -> None:
        """Run the newest due slot of a job if it is free; catching up is the same thing as being on time."""
        slot = due_slot(job, datetime.now(UTC))
        held = self._claim(job, slot) if slot else None
        if held:
            with structlog.contextvars.bound_contextvars(job=job.name, slot=held.slot.at.isoformat()):
                self._run(job, held)

    def _claim(self, job: Job, slot: ScheduledRun) -> RunLease | None:
        database = self.service.database
        with database.reading() as session:
            if not job_runs.is_free(session, slot, datetime.now(UTC)):
                return None
        asked = time.monotonic()
        with database.writing() as session:
            before = job_runs.last_slot(session, job.name)
            if time.monotonic() - asked > job_runs.BEAT_SECONDS:
                return None  # something held the lock, and with it the owner's signs of life: look again later
            missed = slots_between(job, before, slot.at) if before else 0
            return job_runs.claim(session, slot, self.owner, datetime.now(UTC), missed)

    def _run(self, job: Job, held: RunLease) -> None:
        _log.info("job started, attempt %d", held.attempt)
        ended = Event()
        beats = Thread(target=self._beat, args=(held, ended), name=f"beat-{job.name}", daemon=True)
        beats.start()
        facts: Facts = {}
        error = None
        try:
            facts = job.run(self.service, datetime.now(UTC))
        except Exception as failure:  # whatever it was, the run has ended and must be told so
            error = type(failure).__name__
            _log.exception("job failed")
        finally:
            ended.set()
            beats.join()
        with self.service.database.writing() as session:
            if not job_runs.finish(session, held, datetime.now(UTC), facts, error):
                _log.warning("job was taken over while it ran: its end is not counted")
        if error is None:
            _log.info("job done: %s", dict(facts))

    def _beat(self, held: RunLease, ended: Event) -> None:
        while not ended.wait(job_runs.BEAT_SECONDS):
            try:
                with self.service.database.writing() as session:
                    if not job_runs.beat(session, held, datetime.now(UTC)):
                        return
            except Exception:
                _log.exception("no sign of life could be written; trying again")


def start(service: Components, table: Iterable[Job] = JOBS) -> BackgroundScheduler:
    """Start every job of the table in background threads; the caller shuts the scheduler down."""
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it warns at every look while a job runs
    jobs = tuple(table)
    scheduler = BackgroundScheduler(timezone=ZONE, executors={"default": ThreadPoolExecutor(len(jobs))})
    runner = Runner(service)
    for job in jobs:
        trigger = OrTrigger(
            [CronTrigger(**job.cron, timezone=ZONE), IntervalTrigger(seconds=job_runs.LOOK_SECONDS, timezone=ZONE)]
        )
        scheduler.add_job(
            runner.look,
            trigger,
            args=[job],
            id=job.name,
            next_run_time=datetime.now(ZONE),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
    scheduler.start()
    return scheduler
