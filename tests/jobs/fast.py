"""A table of jobs that run every few seconds, for tests; each run leaves a line in a file."""

import os
import signal
import threading
import time
from datetime import datetime
from pathlib import Path

from jobs.schedule import Job
from service.components import Components


def _note(what: str) -> None:
    line = f"{what} {os.getpid()} {time.time()}\n".encode()
    file = os.open(Path(os.environ["FAST_JOBS_FILE"]), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, line)
    os.close(file)


def tick(_service: Components, _now: datetime) -> dict[str, int]:
    """Leave a line."""
    _note("tick")
    return {}


def slow(_service: Components, _now: datetime) -> dict[str, int]:
    """Work for a while, longer than it takes a test to kill the process."""
    _note("slow-begun")
    time.sleep(float(os.environ.get("SLOW_SECONDS", "6")))
    _note("slow-ended")
    return {}


def broken(_service: Components, _now: datetime) -> dict[str, int]:
    """Fail."""
    raise ZeroDivisionError


def end(_service: Components, _now: datetime) -> dict[str, int]:
    """Let TERM come to a thread that is not the main one, as it does when the main one is about to wait."""
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
    return {}


ENDING = (Job("end", {"second": "*/2"}, end, "at once"),)
JOBS = (
    Job("tick", {"second": "*/2"}, tick, "often"),
    Job("slow", {"day": "1", "hour": "0"}, slow, "its run stays the newest one during a test"),
)
