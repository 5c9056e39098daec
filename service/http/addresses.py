"""Addresses: those of the service, which carry the question that was asked, and those of clients."""

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import quote, urlencode, urlsplit

from flask import request

from service.attempts import CUSTOMER_BITS, network
from service.http.request import components

QUESTION_PARAMETERS = (
    "period", "from", "to", "as_of", "formula", "decimals", "honest_ends", "subtree", "calendar", "structure", "lang",
    "channel", "field", "procedure", "level",
)  # fmt: skip
"""The parameters that make up a question, in the order in which addresses carry them."""


def question_parameters() -> dict[str, str]:
    """Return the parameters of this request's question, as given."""
    return {name: request.args[name] for name in QUESTION_PARAMETERS if request.args.get(name)}


def with_parameters(path: str, parameters: Mapping[str, str | None]) -> str:
    """Return a path with the parameters that have a value."""
    query = urlencode({name: value for name, value in parameters.items() if value}, safe=":")
    return f"{path}?{query}" if query else path


def unit_path(code: str, rest: str = "") -> str:
    """Return the path of a unit's page, with its code encoded."""
    return f"/units/{quote(code, safe='')}{rest}"


def root_path() -> str:
    """Return the path under which a portal shows the service, "" for none; links within the site begin with it."""
    return urlsplit(components().settings.public_url).path


def is_private(address: str | None) -> bool:
    """Say whether an address is of this machine or a private network."""
    try:
        return ip_address(address or "").is_private
    except ValueError:
        return False


def asker(address: str | None, proxy_hops: int, bits: int = CUSTOMER_BITS) -> str:
    """Return the address that asks, of IPv6 its customer's network; "" if it may be that of a proxy nobody named."""
    return network(address or "", 32, bits) if proxy_hops or not is_private(address) else ""


def base_url() -> str:
    """Return the address under which the public sees this service."""
    return components().settings.public_url or request.host_url.rstrip("/")


def origin() -> str:
    """Return scheme, host and port of the address under which the public sees this service."""
    parts = urlsplit(base_url())
    return f"{parts.scheme}://{parts.netloc}"


def details_url(code: str) -> str:
    """Return the address of a unit's page, with the question that was asked."""
    return with_parameters(base_url() + unit_path(code), question_parameters())
