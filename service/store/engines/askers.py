"""Who waits for an answer: when it has gone away, the statements that it asked for end."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Event

_GONE: ContextVar[Event | None] = ContextVar("gone", default=None)


@contextmanager
def asked_by(gone: Event) -> Iterator[None]:
    """Work for somebody in this thread; `gone` is set when it goes away."""
    token = _GONE.set(gone)
    try:
        yield
    finally:
        _GONE.reset(token)


def asker() -> Event | None:
    """Return what says whether the asker of this thread has gone; None for work that is done to its end."""
    return _GONE.get()


def has_gone() -> bool:
    """Say whether nobody waits for what this thread works on."""
    gone = asker()
    return gone is not None and gone.is_set()
