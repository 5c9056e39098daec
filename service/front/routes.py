"""What follows from a request's address and headers: its pool, how large its body may be, whether it needs a key."""

import re
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import unquote

from service.domain.api_keys import KEY_PREFIX
from service.formats.json_records.text import MEGABYTE

PoolName = Literal[
    "health", "reads", "questions", "logins", "lookups", "large", "sessions", "pushes", "imports", "dry_runs", "singles"
]

READING = ("health", "reads", "questions")
KILOBYTE = 1024
_KEY = re.compile(rf"(?i:bearer) +{KEY_PREFIX}_[A-Za-z0-9]{{1,16}}_[A-Za-z0-9_-]{{20,100}} *\Z")
_HOST = re.compile(
    r"(?:(?=[^:]{1,253}(?::|\Z))[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?\.?|\[[0-9A-Fa-f:.]{2,45}\])(?::(\d{1,5}))?\Z"
)


@dataclass(frozen=True)
class Route:
    """What a kind of request may cost.

    max_body: bytes as sent; None: as many as the setting for large bodies allows. needs_key: the Authorization header
    must look like a key before the body is read; the application checks the key itself. packed: gzip is accepted.
    """

    pool: PoolName
    max_body: int | None = 64 * KILOBYTE
    needs_key: bool = False
    packed: bool = True


_HEALTH_PATHS = {"/healthz", "/readyz", "/metrics", "/metrics/units"}
_LONG = re.compile(r"/|/units/[^/]+(?:/report\.(?:xlsx|json|csv)|/table\.xlsx)?|/api/v1/(?:quality|durations)")
"""Questions that read many rows: they have a pool of their own, so that no portal's widget waits for them."""
_TABLE = re.compile(r"variant=(?!(?:card|line|strip)?(?:&|$))")
"""The variants of the widget that hold a table of units or months: they read many rows, too."""
_POSTS = {
    "/api/v1/dossiers": Route("singles", MEGABYTE, needs_key=True),
    "/api/v1/heartbeats": Route("pushes", MEGABYTE, needs_key=True),
    "/api/v1/dossiers/import": Route("imports", None, needs_key=True),
    "/national/login": Route("logins", 4 * KILOBYTE, packed=False),
    "/national/service": Route("lookups", None),
}


def looks_at_key(path: str) -> bool:
    """Say whether the answer to a reading depends on its Authorization header."""
    return path in _HEALTH_PATHS or path == "/api/v1/quality" or path.startswith("/api/v1/dossiers/")


def route_of(method: str, path: str, query: str, shows_key: bool = False) -> Route:
    """Return what a request may cost. shows_key: it has an Authorization header."""
    if method in ("GET", "HEAD", "OPTIONS"):
        if path in _HEALTH_PATHS:
            return Route("health")
        if shows_key and path.startswith("/api/v1/dossiers/"):
            return Route("lookups", needs_key=True)  # of a source's own: no portal's widget waits for them
        grouped = (path == "/api/v1/stats" and "group_by=" in unquote(query)) or _TABLE.search(unquote(query))
        is_long = grouped or _LONG.fullmatch(path)
        return Route("questions" if is_long else "reads", needs_key=shows_key and looks_at_key(path))
    is_push = path.startswith(("/api/v1/dossiers/", "/national/"))
    route = _POSTS.get(path) or (Route("pushes", None, needs_key=True) if is_push else Route("lookups"))
    is_dry = route.needs_key and path.startswith("/api/") and "dry_run=1" in query.split("&")
    return replace(route, pool="dry_runs") if is_dry else route


def is_host(text: str) -> bool:
    """Say whether this is one host name or address, with or without a port."""
    match = _HOST.match(text)
    return match is not None and int(match[1] or 0) <= 65535


def looks_like_key(authorization: str) -> bool:
    """Say whether an Authorization header holds a text that has the shape of a key."""
    return _KEY.match(authorization) is not None
