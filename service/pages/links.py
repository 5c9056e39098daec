"""Addresses of pages: each keeps the question that was asked, and changes only what it says."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from flask import request

from service.http.context import service

KEPT = (
    "period", "from", "to", "as_of", "formula", "decimals", "honest_ends", "subtree", "calendar", "structure", "lang",
)  # fmt: skip
"""The parameters that make up a question, in the order in which links carry them."""


def asked_params() -> dict[str, str]:
    """Return the parameters of this request's question, as given."""
    return {name: request.args[name] for name in KEPT if request.args.get(name)}


def link(path: str, /, **changes: str | None) -> str:
    """Return a path with this request's question; `from_` stands for from, None leaves a parameter out."""
    return with_params(path, {**asked_params(), **{name.rstrip("_"): value for name, value in changes.items()}})


def with_params(path: str, params: Mapping[str, str | None]) -> str:
    """Return a path with those parameters that have a value."""
    query = urlencode({name: value for name, value in params.items() if value}, safe=":")
    return f"{path}?{query}" if query else path


def unit_path(code: str, rest: str = "") -> str:
    """Return the path of a unit's page, whatever its code is made of."""
    return f"/units/{quote(code, safe='')}{rest}"


def base_url() -> str:
    """Return the address under which the public sees this service."""
    return service().settings.public_url or request.host_url.rstrip("/")
