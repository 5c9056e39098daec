"""The client that waits for an answer: when it has hung up, the statements made for it are ended."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Event

_GONE: ContextVar[Event | None] = ContextVar("gone", default=None)


@contextmanager
def asked_by(gone: Event) -> Iterator[None]:
    """Mark the work of this thread as work for a client; `gone` is set when the client hangs up."""
    token = _GONE.set(gone)
    try:
        yield
    finally:
        _GONE.reset(token)


def asker() -> Event | None:
    """Return the event that is set when this thread's client hangs up; None for work that has no client."""
    return _GONE.get()


def has_gone() -> bool:
    """Say whether the client of this thread's work has hung up."""
    gone = asker()
    return gone is not None and gone.is_set()
