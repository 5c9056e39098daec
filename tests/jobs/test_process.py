"""The jobs as a process of their own: it ends when it is told to, whichever of its threads hears it."""

from pathlib import Path

from tests.ops.processes import running


def test_a_term_that_another_thread_hears_ends_the_process(sqlite_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "tthc.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    table = ["-m", "jobs", "--table", "tests.jobs.fast:ENDING"]
    with running(table, f"sqlite:///{path}", tmp_path / "log") as process:
        assert process.process.wait(30) == 0
        assert "stopping: waiting for running jobs" in process.text()
