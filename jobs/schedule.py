"""The table of jobs: which job runs when (in local time), and why then.

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
    """A job: its name, its cron fields, its task, and the reason for its hour.

    run: takes the service and the moment at which the run began, and returns numbers by name. It must be idempotent,
    because after a kill it is called again for the same moment of the schedule.
    """

    name: str
    cron: dict[str, str]
    run: Callable[[Components, datetime], Result]
    why: str


JOBS = tuple(
    Job(name, run=getattr(tasks, name.replace("-", "_")), **when) for name, when in json_beside(__file__).items()
)
"""Every job of schedule.json. The task of job "verify-tallies" is tasks.verify_tallies."""
