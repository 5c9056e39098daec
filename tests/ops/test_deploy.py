"""The files of deploy/, as far as this machine can run them: nginx and systemd for real, containers by reading.

No container engine builds here: the Containerfile and the compose file are only read, and what they
name is looked for.
"""

import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from sqlalchemy.engine import make_url

from service.front.protocol import KEEP_ALIVE_SECONDS
from service.store import migrations
from service.store.database import Database
from tests.ops.processes import ROOT, Running, free_port, get, serving, until
from tests.ops.test_databases import new_url, on_server, tables_by_schema
from tests.ops.test_stop import add_source
from tests.support.raw_http import exchange, head, statuses
from tests.support.required_programs import require

__all__ = ["new_url"]

DEPLOY = ROOT / "deploy"
UNITS = sorted(path.name for path in (DEPLOY / "systemd").glob("*.service"))


def nginx_config(place: Path, port: int, app: str) -> Path:
    """Write a whole nginx configuration around the delivered one. app: addresses of one replica or of two."""
    delivered = (DEPLOY / "nginx" / "tthc.conf").read_text(encoding="utf-8")
    first, *others = app.split()
    second = f"server {others[0]} max_fails=0;" if others else ""
    delivered = delivered.replace("app1:8000", first).replace("server app2:8000 max_fails=0;", second)
    delivered = delivered.replace("listen 8080", f"listen 127.0.0.1:{port}").replace("/var/cache/nginx", str(place))
    temp = "".join(f"{name}_temp_path {place}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    path = place / "nginx.conf"
    path.write_text(
        f"daemon off; user root; pid {place}/nginx.pid; error_log {place}/error.log;"
        f" events {{}} http {{ access_log off; {temp}\n{delivered}\n}}"
    )
    return path


@contextmanager
def proxied(place: Path, app: str) -> Iterator[str]:
    """Run nginx in front of a server; yield its address."""
    port = free_port()
    config = nginx_config(place, port, app)
    process = subprocess.Popen([require("nginx"), "-c", str(config)])
    try:
        until(lambda: get(f"http://127.0.0.1:{port}/healthz"))
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def test_nginx_accepts_the_configuration(tmp_path: Path) -> None:
    config = nginx_config(tmp_path, 8080, "127.0.0.1:8000")
    done = subprocess.run([require("nginx"), "-t", "-c", str(config)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_slow_uploads_never_hold_the_service_s_threads(tmp_path: Path) -> None:
    require("nginx")
    environ = {"TTHC_THREADS": "2", "TTHC_PROXY_HOPS": "1"}
    with serving(f"sqlite:///{tmp_path / 'tthc.sqlite3'}", tmp_path / "log", **environ) as (_, base):
        with proxied(tmp_path, base.removeprefix("http://")) as address:
            host, port = address.split(":")
            slow = [socket.create_connection((host, int(port))) for _ in range(20)]
            for one in slow:
                one.sendall(b"POST /api/v1/dossiers/batch HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n[")
            began = time.monotonic()
            assert get(f"{base}/readyz")
            assert get(f"http://{address}/api/v1/formulas")
            assert time.monotonic() - began < 3
            for one in slow:
                one.close()


def test_nginx_hides_the_metrics_and_keeps_public_answers_while_the_service_is_gone(tmp_path: Path) -> None:
    require("nginx")
    with serving(f"sqlite:///{tmp_path / 'tthc.sqlite3'}", tmp_path / "log", TTHC_PROXY_HOPS="1") as (process, base):
        with proxied(tmp_path, base.removeprefix("http://")) as address:
            with pytest.raises(OSError, match="404"):
                get(f"http://{address}/metrics")
            answer = get(f"http://{address}/api/v1/formulas")
            assert process.stop() == 0
            time.sleep(1.2)  # past max-age
            assert get(f"http://{address}/api/v1/formulas") == answer


@pytest.fixture(scope="module")
def behind_nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, str]]:
    """Run the service with nginx in front; yield the process and nginx' address."""
    require("nginx")
    place = tmp_path_factory.mktemp("nginx")
    with serving(f"sqlite:///{place / 'tthc.sqlite3'}", place / "log", TTHC_PROXY_HOPS="1") as (process, base):
        with proxied(place, base.removeprefix("http://")) as address:
            yield process, f"http://{address}"


def test_two_slashes_are_no_redirect_that_repeats_a_long_question(behind_nginx: tuple[Running, str]) -> None:
    _, base = behind_nginx
    assert statuses(exchange(base, head("GET", f"/units//H23.45?a={'x' * 7000}", "Connection: close"))) == [404]


def test_nginx_gives_the_holder_of_a_key_more_than_the_public_sees(tmp_path: Path) -> None:
    require("nginx")
    url, path = f"sqlite:///{tmp_path / 'tthc.sqlite3'}", "/api/v1/quality"
    migrations.upgrade(Database(url))
    shown = f"Authorization: Bearer {add_source(url)}"
    with serving(url, tmp_path / "log", TTHC_PROXY_HOPS="1") as (_, base):
        with proxied(tmp_path, base.removeprefix("http://")) as address:
            asked = [(), (), (shown,), (), ("Authorization: x",), ()]
            told = [exchange(f"http://{address}", head("GET", path, "Connection: close", *one)) for one in asked]
    assert [(statuses(one)[0], b"work_list" in one) for one in told] == [
        (200, False), (200, False), (200, True), (200, False), (401, False), (200, False),
    ]  # fmt: skip


def refusal(answer: bytes) -> tuple[int, str, bool]:
    """Return status, media type, and whether any origin may read it."""
    head, _, _ = answer.partition(b"\r\n\r\n")
    media = re.search(rb"Content-Type: ([^\r;]+)", head)
    return statuses(answer)[0], (media[1] if media else b"").decode(), b"Access-Control-Allow-Origin: *" in head


def test_what_nginx_refuses_is_told_as_the_service_would(behind_nginx: tuple[Running, str]) -> None:
    _, base = behind_nginx
    close = "Connection: close"
    answers = [exchange(base, head("POST", "/national/login", "Content-Length: 2", close) + b"{}") for _ in range(20)]
    assert refusal(answers[-1]) == (429, "application/problem+json", True)
    large = exchange(base, head("POST", "/national/login", "Content-Length: 5000", close))
    assert refusal(large) == (413, "application/problem+json", True)


def test_a_service_that_is_gone_is_told_as_a_problem(behind_nginx: tuple[Running, str]) -> None:
    process, base = behind_nginx
    process.stop()
    answer = exchange(base, head("GET", "/api/v1/units", "Connection: close"))
    assert refusal(answer) == (503, "application/problem+json", True)
    assert b"Retry-After: 5" in answer


def test_nginx_lets_go_of_connections_before_the_service() -> None:
    delivered = (DEPLOY / "nginx" / "tthc.conf").read_text(encoding="utf-8")
    told = re.search(r"keepalive_timeout (\d+)s", delivered)
    assert told and int(told[1]) < KEEP_ALIVE_SECONDS


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_accepts_the_units(unit: str, tmp_path: Path) -> None:
    text = (DEPLOY / "systemd" / unit).read_text().replace("/opt/tthc", str(ROOT)).replace("User=tthc", "User=root")
    path = tmp_path / unit
    path.write_text(text.replace("Group=tthc", "Group=root"))
    command = [require("systemd-analyze"), "verify", "--man=no", "--recursive-errors=no", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_gives_the_units_little_room(unit: str) -> None:
    command = [require("systemd-analyze"), "security", "--offline=true", "--no-pager", str(DEPLOY / "systemd" / unit)]
    told = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", told)
    assert exposure and float(exposure[1]) <= 3, told[-500:]
    assert "MemoryMax=" in (DEPLOY / "systemd" / unit).read_text()


def test_every_container_is_held_and_has_no_default_password() -> None:
    text = (DEPLOY / "container" / "compose.yml").read_text()
    for name, service in yaml.safe_load(text)["services"].items():
        held = service.get("read_only"), service.get("cap_drop"), "max-size" in service["logging"]["options"]
        assert held == (True, ["ALL"], True), name
        assert "mem_limit" in service, name
        assert "no-new-privileges:true" in service["security_opt"], name
        for key, value in service.get("environment", {}).items():
            assert "PASSWORD" not in key or str(value).startswith("/run/secrets/"), key


def test_no_image_is_the_newest_of_its_name() -> None:
    text = "".join((DEPLOY / "container" / name).read_text() for name in ("compose.yml", "Containerfile"))
    images = re.findall(r"(?:^FROM|image:) (\S+/\S+)", text, re.M)
    assert len(images) >= 6
    assert all(re.search(r":v?\d+\.\d+", image) for image in images), images


def test_the_database_role_of_the_containers_is_no_superuser(new_url: str, tmp_path: Path) -> None:
    """The statements that first-start.sh runs, tried: the role migrates its own schema and may do no more."""
    role = (DEPLOY / "postgresql" / "role.sql").read_text().replace(":'password'", "'x'")
    on_server(new_url, "DROP ROLE IF EXISTS tthc", *(one for one in role.split(";\n") if one.strip()))
    try:
        address = make_url(new_url).set(username="tthc", password="x").render_as_string(hide_password=False)
        database = Database(address)
        assert migrations.upgrade(database).fits
        assert tables_by_schema(new_url) == {"tthc"}
        assert on_server(
            new_url, "SELECT rolsuper OR rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = 'tthc'"
        ) == ["False"]
        database.engine.dispose()
    finally:
        on_server(new_url, "DROP SCHEMA tthc CASCADE", "DROP ROLE tthc")


def test_the_container_file_copies_what_exists_and_all_that_runs() -> None:
    text = (DEPLOY / "container" / "Containerfile").read_text()
    copied = {name for line in re.findall(r"^COPY (?!--)(.+) \S+$", text, re.M) for name in line.split()}
    assert all((ROOT / name).exists() for name in copied)
    assert {"service", "models", "jobs", "migrations", "wsgi.py", "alembic.ini", "requirements.txt"} <= copied


def test_an_installed_program_has_its_byte_code_because_its_user_may_not_write_it() -> None:
    program = "service models jobs migrations"
    assert f"compileall -q {program}" in (DEPLOY / "container" / "Containerfile").read_text()
    printed = subprocess.run(["make", "-n", "install"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert f"compileall -q {program}" in printed


def test_the_compose_file_mounts_what_exists_and_names_its_own_services() -> None:
    place = DEPLOY / "container"
    compose = yaml.safe_load((place / "compose.yml").read_text())
    services = compose["services"]
    for service in services.values():
        assert set(service.get("depends_on", {})) <= services.keys()
        for mount in service.get("volumes", []):
            source = mount.split(":")[0]
            assert (place / source).exists() if source[0] in "./" else source in compose["volumes"]
        if "build" in service:
            assert (place / service["build"]["context"] / service["build"]["dockerfile"]).exists()
    nginx = (DEPLOY / "nginx" / "tthc.conf").read_text()
    prometheus = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
    targets = prometheus["scrape_configs"][0]["static_configs"][0]["targets"]
    assert (
        {target.split(":")[0] for target in targets} == set(re.findall(r"server (\w+):8000", nginx)) <= services.keys()
    )


def test_promtool_accepts_the_configuration_of_prometheus() -> None:
    command = [require("promtool"), "check", "config", str(DEPLOY / "prometheus" / "prometheus.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
