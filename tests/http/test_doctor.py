"""What `doctor` says of jobs that never ran, and what it goes on to look at after a fault."""

import shutil
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


def test_doctor_names_the_disk_that_is_full_and_what_is_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path}/x", jobs="off"))
    app.test_cli_runner().invoke(args=["db", "upgrade"])
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1, 1, 4096))
    told = app.test_cli_runner().invoke(args=["doctor"]).output
    line = next(line for line in told.splitlines() if "Lưu trữ" in line)
    assert (line[:3], f"{tmp_path}/x" in line, "4,096 byte" in line) == ("LỖI", True, True)
    app.extensions["tthc"].database.engine.dispose()
