"""Settings that are wrong: one line that names the setting, hides the password and says what to do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from service.environment import load_settings, names_from_dotenv
from service.settings import SettingsError
from tests.ops.processes import ROOT

SECRET = "matkhau-rat-bi-mat"  # pragma: allowlist secret


def told(**environ: str) -> str:
    """Return what an operator reads."""
    with pytest.raises(SettingsError) as stopped:
        load_settings(environ)
    return str(stopped.value)


@pytest.mark.parametrize(
    ("address", "part"),
    [
        (f"jdbc:postgresql://tthc:{SECRET}@db/tthc", "Java"),
        (f"mysql://tthc:{SECRET}@db/tthc", "only sqlite and postgresql"),
        (f"postgresql+psycopg2://tthc:{SECRET}@db/tthc", "only sqlite and postgresql"),
        (f'"postgresql://tthc:{SECRET}@db/tthc"', "quotes"),
        (f"postgresql://tthc:{SECRET}@db/tthc'", "quotes"),
        (f"postgresql://tthc:{SECRET} x@db/tthc", "blank"),
        (f"postgresql://tthc:{SECRET}@db", "no database"),
        (f"postgresql://tthc:{SECRET}@db/", "no database"),
        (f"postgresql://tthc:{SECRET}@db:54x2/tthc", "port"),
        (f"postgresql://tthc:{SECRET}@db:99999/tthc", "port"),
        (f"postgresql://tthc:{SECRET}@x@db:5432/tthc", "%40"),
        (f"postgresql://tthc:{SECRET}@db#1:5432/tthc", "%23"),
        ("var/tthc.sqlite3", "no address"),
        ("sqlite:var/tthc.sqlite3", "no address"),
        ("sqlite://var/tthc.sqlite3", "slash"),
        ("sqlite:///", "no file"),
        ("sqlite:////khong/co/tthc.sqlite3", "/khong/co"),
        ("sqlite:////tmp", "folder"),
    ],
)
def test_a_wrong_database_url_is_told_in_one_line(address: str, part: str) -> None:
    line = told(DATABASE_URL=address)
    assert line.startswith("DATABASE_URL: ") and part in line
    assert "\n" not in line
    assert SECRET not in line


@pytest.mark.parametrize(
    "address",
    [
        "postgres://u:p@h/d",
        "postgresql://u:p%40ss%23w%2Fx@h:5432/d?sslmode=require",  # pragma: allowlist secret
        "postgresql:///d?host=/var/run/postgresql",
        "postgresql://u@/d?host=%2Fvar%2Frun%2Fpostgresql",
        "postgresql://u:p@h/d?options=-csearch_path%3Dtthc",
        "sqlite:///var/tthc.sqlite3",
        "sqlite:////tmp/tthc.sqlite3",
    ],
)
def test_a_good_database_url_is_taken(address: str) -> None:
    assert load_settings({"DATABASE_URL": address}).database_url == address


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TTHC_HOST", "http://0.0.0.0"),
        ("TTHC_HOST", "127.0.0.1:8000"),
        ("TTHC_PUBLIC_URL", "thong-ke.example.gov.vn"),
        ("TTHC_PUBLIC_URL", "https://"),
        ("TTHC_PUBLIC_URL", "https://x.example.gov.vn/?a=1"),
        ("TTHC_PUBLIC_URL", "https://x.example.gov.vn:port/"),
        ("TTHC_THREADS", "many"),
        ("TTHC_TARGETS", "timed/9=99"),
        ("TTHC_TARGETS", "H23.45:timed/1=101"),
        ("TTHC_TARGETS", "H23.45:timed/1=99, H23.45:timed=98"),
        ("PORT", "0"),
    ],
)
def test_a_wrong_value_names_its_setting_in_one_line(name: str, value: str) -> None:
    line = told(**{name: value})
    assert line.startswith(f"{name}: ")
    assert "\n" not in line


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("TTHC_THREAD", "TTHC_THREADS"), ("TTHC_PUBLIC_ULR", "TTHC_PUBLIC_URL"), ("TTHC_PORT", "PORT"),
     ("TTHC_DATABASE_URL", "DATABASE_URL"), ("tthc_host", "TTHC_HOST"),
     ("TTHC_METRICS_TOKEN_FIEL", "TTHC_METRICS_TOKEN_FILE")],
)  # fmt: skip
def test_a_misspelled_name_is_told_the_nearest(name: str, nearest: str) -> None:
    line = told(**{name: "8000"})
    assert line.startswith(f"{name}: ") and f"{nearest}?" in line


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TTHC_PORT", "tcp://10.96.0.7:8000"),
        ("TTHC_SERVICE_HOST", "10.96.0.7"),
        ("TTHC_SERVICE_PORT", "8000"),
        ("TTHC_SERVICE_PORT_HTTP", "8000"),
        ("TTHC_PORT_8000_TCP", "tcp://10.96.0.7:8000"),
        ("TTHC_PORT_8000_TCP_ADDR", "10.96.0.7"),
        ("TTHC_PORT_8000_TCP_PROTO", "tcp"),
        ("TTHC_JOBS_SERVICE_HOST", "10.96.0.8"),
        ("TTHC_NAME", "/web/tthc"),
    ],
)
def test_what_a_container_platform_injects_is_passed_over(name: str, value: str) -> None:
    assert load_settings({name: value}).port == 8000


def test_settings_are_read_from_dotenv_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("TTHC_THREADS=3\nPORT=8123\nOTHER=1\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORT", "9000")
    settings = load_settings()
    assert (settings.threads, settings.port) == (3, 9000)
    assert names_from_dotenv() == ["TTHC_THREADS"]


def test_a_misspelled_name_in_dotenv_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("TTHC_THREDS=3\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match="TTHC_THREADS"):
        load_settings()


def run(*args: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run `python ARGS` as an operator does."""
    told_environ = {**{name: value for name, value in os.environ.items() if name != "DATABASE_URL"}, **environ}
    return subprocess.run(
        [sys.executable, *args], cwd=ROOT, env=told_environ, capture_output=True, text=True, timeout=60, check=False
    )


COMMANDS = {
    "serve": ["-m", "service.serve"],
    "jobs": ["-m", "jobs"],
    "doctor": ["-m", "flask", "--app", "wsgi", "doctor"],
    "command": ["-m", "flask", "--app", "wsgi", "units", "list"],
    "upgrade": ["-m", "flask", "--app", "wsgi", "db", "upgrade"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_database_that_nobody_serves_is_told_without_a_traceback(command: str) -> None:
    done = run(*COMMANDS[command], DATABASE_URL=f"postgresql://tthc:{SECRET}@127.0.0.1:1/tthc", DEMO="0")
    text = done.stdout + done.stderr
    assert done.returncode != 0
    assert "DATABASE_URL (postgresql://tthc:***@127.0.0.1:1/tthc)" in text
    assert "nobody listens there" in text
    assert "Traceback" not in text
    assert SECRET not in text


@pytest.mark.parametrize("command", COMMANDS)
def test_a_wrong_setting_is_told_by_each_command(command: str) -> None:
    done = run(*COMMANDS[command], DATABASE_URL="jdbc:postgresql://db/tthc")
    assert done.returncode != 0
    assert "DATABASE_URL: " in done.stderr
    assert "Traceback" not in done.stderr
