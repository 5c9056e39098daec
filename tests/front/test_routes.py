"""What the front knows of a request from its first lines."""

import pytest

from service.front.routes import is_host, looks_like_key, route_of

KEY = f"tthc_0123abcd_{'A' * 43}"
HOSTS = {
    "portal.tinh.gov.vn": True,
    "portal.tinh.gov.vn:443": True,
    "PORTAL.example.": True,
    "app_1:8000": True,
    "127.0.0.1:8000": True,
    "[::1]:8000": True,
    "xn--hi-dng-jva8x.vn": True,
    "": False,
    ":8000": False,
    "a b": False,
    "a/b": False,
    "user@host": False,
    "host:port": False,
    "host:70000": False,
    "host\x00": False,
    "a,b": False,
    "[::1": False,
    "hải-dương.vn": False,
    "a" * 254: False,
}
KEYS = {
    f"Bearer {KEY}": True,
    f"bearer   {KEY} ": True,
    "": False,
    "Bearer": False,
    "Bearer x": False,
    "Bearer tthc_x": False,
    f"Basic {KEY}": False,
    f"Bearer {KEY}/": False,
    f"Bearer {KEY}\n": False,
    f"Bearer {KEY},Bearer {KEY}": False,
}
ROUTES = [
    ("GET", "/healthz", "", "health"),
    ("GET", "/metrics", "", "health"),
    ("GET", "/api/v1/widget/H23", "", "reads"),
    ("GET", "/api/v1/widget/H23", "variant=ranking", "questions"),
    ("GET", "/embed/H23", "variant=chart&lang=en", "questions"),
    ("GET", "/embed/H23", "variant=strip&lang=en", "reads"),
    ("GET", "/badge/H23.svg", "", "reads"),
    ("GET", "/api/v1/stats", "unit=H23", "reads"),
    ("GET", "/api/v1/stats", "unit=H23&group_by=day", "questions"),
    ("GET", "/api/v1/stats", "unit=H23&group%5Fby=day", "questions"),
    ("GET", "/embed/H23", "v%61riant=chart", "questions"),
    ("GET", "/units/H23", "", "questions"),
    ("GET", "/", "", "questions"),
    ("GET", "/units/H23/table.xlsx", "group_by=unit", "questions"),
    ("GET", "/units/H23/embed", "", "reads"),
    ("GET", "/units/H23/report.xlsx", "", "questions"),
    ("GET", "/api/v1/quality", "", "questions"),
    ("POST", "/api/v1/dossiers", "", "singles"),
    ("POST", "/api/v1/heartbeats", "", "pushes"),
    ("DELETE", "/api/v1/dossiers/A-1", "", "pushes"),
    ("POST", "/national/login", "", "logins"),
    ("POST", "/national/service", "", "lookups"),
    ("POST", "/nowhere", "", "lookups"),
    ("POST", "/national/DongBoHoSoMC", "", "pushes"),
    ("POST", "/api/v1/dossiers/import", "", "imports"),
    ("POST", "/api/v1/dossiers/import", "dry_run=1", "dry_runs"),
]


@pytest.mark.parametrize("text", HOSTS)
def test_a_host_is_one_name_or_address(text: str) -> None:
    assert is_host(text) is HOSTS[text]


@pytest.mark.parametrize("text", KEYS)
def test_a_key_has_its_shape(text: str) -> None:
    assert looks_like_key(text) is KEYS[text]


@pytest.mark.parametrize(("method", "path", "query", "pool"), ROUTES)
def test_every_request_has_its_pool(method: str, path: str, query: str, pool: str) -> None:
    assert route_of(method, path, query).pool == pool


@pytest.mark.parametrize("path", ["/api/v1/dossiers", "/api/v1/dossiers/batch", "/national/DongBoHoSoMC"])
def test_a_push_needs_a_key_before_its_body(path: str) -> None:
    assert route_of("POST", path, "").needs_key


@pytest.mark.parametrize(
    ("path", "needs_key"),
    [("/api/v1/quality", True), ("/api/v1/dossiers/A-1", True), ("/metrics", False), ("/", False)],
)
def test_a_key_that_is_shown_has_its_shape_where_the_answer_depends_on_it(path: str, needs_key: bool) -> None:
    shown = [route_of("GET", path, "", shows_key).needs_key for shows_key in (True, False)]
    assert shown == [needs_key, False]


@pytest.mark.parametrize(("shows_key", "pool"), [(True, "lookups"), (False, "reads")])
def test_a_source_reads_its_own_dossiers_beside_the_look_ups(shows_key: bool, pool: str) -> None:
    assert route_of("GET", "/api/v1/dossiers/A-1", "", shows_key).pool == pool


def test_a_login_is_small_and_not_packed() -> None:
    login = route_of("POST", "/national/login", "")
    assert (login.max_body, login.packed) == (4096, False)
