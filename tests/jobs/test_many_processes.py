"""Several real processes on one database: each scheduled run happens once, also when a process is killed."""

import time
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from sqlalchemy import select

from models.job_runs import JobRun
from service.store.database import Database
from tests.ops.processes import Running, running, serving, until

ALONE = ["-m", "jobs", "--table", "tests.jobs.fast:JOBS"]


def runs(database: Database, job: str) -> list[JobRun]:
    """Return the runs of a job, oldest first."""
    with database.reading() as session:
        return list(session.scalars(select(JobRun).where(JobRun.job == job).order_by(JobRun.slot)))


def owner_of(database: Database, job: str) -> int:
    """Return the id of the process that has the newest run of a job."""
    return int(runs(database, job)[-1].owner.split(":")[1])


def test_each_scheduled_run_happens_once_and_a_killed_one_is_taken_over(database_url: str, tmp_path: Path) -> None:
    database = Database(database_url)
    notes = tmp_path / "notes"
    environ = {"FAST_JOBS_FILE": str(notes), "SLOW_SECONDS": "6"}
    with ExitStack() as stack:
        alone: list[Running] = [
            stack.enter_context(running(ALONE, database_url, tmp_path / f"jobs{n}.log", **environ)) for n in range(2)
        ]
        until(lambda: notes.exists() and "slow-begun" in notes.read_text())
        killed_pid = owner_of(database, "slow")
        killed = next((process for process in alone if process.process.pid == killed_pid), None)
        assert killed is not None, "one of the first two processes took the slow job"
        assert runs(database, "slow")[-1].state == "running"
        killed.kill()
        at = time.monotonic()
        if not database.is_sqlite:
            for n in range(2):
                log = tmp_path / f"server{n}.log"
                stack.enter_context(serving(database_url, log, "tests.jobs.fast_server", **environ))
        until(lambda: runs(database, "slow")[-1].state == "done", 90)
        assert time.monotonic() - at < 60 + 6, "taken over within a minute, and then it works for 6 s"
        slow = runs(database, "slow")[-1]
        assert slow.attempt == 2
        assert notes.read_text().count("slow-ended") == 1
        until(lambda: len(_done(runs(database, "tick"))) >= 10, 120)
        for process in alone:
            if process is not killed:
                assert process.stop() == 0
    _each_run_once(database, notes)
    database.engine.dispose()


def _done(ticks: list[JobRun]) -> list[JobRun]:
    return [run for run in ticks if run.state == "done"]


def _each_run_once(database: Database, notes: Path) -> None:
    ticks = runs(database, "tick")
    done = _done(ticks)
    lines = Counter(line.split()[0] for line in notes.read_text().splitlines())
    killed_in_the_middle = len(ticks) - len(done)
    assert killed_in_the_middle <= 2
    assert len(done) <= lines["tick"] <= len(done) + killed_in_the_middle
    gaps = [later.slot - earlier.slot for earlier, later in pairwise(ticks)]
    skipped = [gap // timedelta(seconds=2) - 1 for gap in gaps]
    assert [run.missed for run in ticks[1:]] == skipped, "what nobody ran is counted as missed"


def test_a_stopped_process_waits_for_its_job(database_url: str, tmp_path: Path) -> None:
    database = Database(database_url)
    notes = tmp_path / "notes"
    environ = {"FAST_JOBS_FILE": str(notes), "SLOW_SECONDS": "3"}
    with running(ALONE, database_url, tmp_path / "jobs.log", **environ) as process:
        until(lambda: notes.exists() and "slow-begun" in notes.read_text())
        assert process.stop() == 0
    assert runs(database, "slow")[-1].state == "done"
    database.engine.dispose()
