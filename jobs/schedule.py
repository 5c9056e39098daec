"""The table of jobs: what runs when, in the time of Asia/Ho_Chi_Minh, and why then.

Days of the week are given by name: APScheduler counts 0 as Monday, cron as Sunday.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from jobs import tasks
from service.components import Components
from service.domain.json_beside import json_beside

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


JOBS = tuple(
    Job(name, run=getattr(tasks, name.replace("-", "_")), **when) for name, when in json_beside(__file__).items()
)
"""Every job of the table; its task has its name."""
