"""What `doctor` says of jobs that never ran, and what it goes on to look at after a fault."""

from pathlib import Path
from typing import Literal

import pytest

from service.app import create_app
from service.settings import Settings


@pytest.mark.parametrize(("jobs", "mark"), [("inline", "ok "), ("off", "LỖI")])
def test_doctor_wants_jobs_from_somebody(tmp_path: Path, jobs: Literal["inline", "off"], mark: str) -> None:
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path}/x", jobs=jobs))
    app.test_cli_runner().invoke(args=["db", "upgrade"])
    told = app.test_cli_runner().invoke(args=["doctor"]).output
    line = next(line for line in told.splitlines() if "no job has run yet" in line)
    assert (line[:3], "tthc-jobs" in line) == (mark, jobs == "off")


def test_doctor_goes_on_when_a_setting_alone_is_wrong(tmp_path: Path) -> None:
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path}/x", proxy_hops=1))
    app.test_cli_runner().invoke(args=["db", "upgrade"])
    told = app.test_cli_runner().invoke(args=["doctor"]).output
    assert ("LỖI Sau proxy" in told, "no job has run yet" in told) == (True, True)
