"""The table of jobs: what runs when, in the time of Asia/Ho_Chi_Minh, and why then.

Days of the week are given by name: APScheduler counts 0 as Monday, cron as Sunday.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from jobs import tasks
from service.components import Components

Result = Mapping[str, int | float]


@dataclass(frozen=True)
class Job:
    """A job: its name, its cron fields, what it does with the service as of a moment, and why then.

    `run` may be called again for the same moment of the schedule (after a kill), so it must be
    idempotent. Its result is numbers by name.
    """

    name: str
    cron: dict[str, str]
    run: Callable[[Components, datetime], Result]
    why: str


JOBS = (
    Job(
        "verify-tallies",
        {"hour": "2", "minute": "30"},
        tasks.verify_tallies,
        "at night, when nobody pushes: a recount reads every dossier",
    ),
    Job(
        "source-rhythm",
        {"hour": "5", "minute": "15"},
        tasks.source_rhythm,
        "before the offices open, so that the morning's silence is judged by yesterday's rhythm",
    ),
    Job(
        "calendar-coverage",
        {"hour": "6", "minute": "0"},
        tasks.calendar_coverage,
        "before the offices open: deadlines of the day are computed with this calendar",
    ),
    Job(
        "duplicate-candidates",
        {"hour": "3", "minute": "0"},
        tasks.duplicate_candidates,
        "at night, after the recount: it holds the lock of each source in turn",
    ),
    Job(
        "version-retention",
        {"hour": "3", "minute": "30"},
        tasks.version_retention,
        "at night, after the recount; does nothing unless TTHC_VERSION_RETENTION_DAYS is set",
    ),
)
