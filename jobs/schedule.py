"""The table of jobs: what runs when, in the time of Asia/Ho_Chi_Minh, and why then."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jobs import nightly


@dataclass(frozen=True)
class Job:
    """A job: its name, its cron fields (days of the week by name), and what it does with the service."""

    name: str
    cron: dict[str, str]
    run: Callable[[Any], None]
    why: str


JOBS = (
    Job(
        "verify-tallies",
        {"hour": "2", "minute": "30"},
        nightly.verify_tallies,
        "at night, when nobody pushes: a recount reads every dossier",
    ),
)
