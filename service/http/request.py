"""What views need of a request: the parts of the service, the moment, the request's id, the question and its answer."""

import re
import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from time import monotonic

from flask import current_app, g, request

from service.components import Components
from service.domain.statistics.questions import Report
from service.reporting.report import report
from service.schemas.question_input import RequestedQuestion, read_question
from service.store.database import REQUEST_LOCK_SECONDS

TURN = "tthc.turn"
"""Where WSGI's environ has a Turn, if the front is to call the application again when a call had to wait."""
_NOT_OF_AN_ID = re.compile(r"[^A-Za-z0-9._-]")


@dataclass
class Turn:
    """How a call waits without a thread: its answer counts for nothing then, and it is made again from its beginning.

    right, key_id: a call of a session names whose turn it needs. is_given: it has it. lock_seconds: how long a call
    keeps its thread while its source is locked; None: as long as any request waits. tries: how often it met that lock.
    """

    lock_seconds: float | None = None
    right: str = ""
    key_id: str = ""
    is_given: bool = False
    is_locked: bool = False
    tries: int = 0
    came_at: float = field(default_factory=monotonic)
    _until: float = 0.0

    @property
    def is_awaited(self) -> bool:
        """Say whether the answer that was made is none, as the call waits."""
        return self.is_locked or (bool(self.key_id) and not self.is_given)

    def waits_for_lock(self) -> bool:
        """Ask to be called again, as a lock was taken; say whether there is time for it."""
        self._until = self._until or monotonic() + REQUEST_LOCK_SECONDS
        self.is_locked = self.lock_seconds is not None and monotonic() < self._until
        return self.is_locked

    def begins_again(self, seconds: float) -> bool:
        """Say whether a call of so many seconds met the lock; the next one waits as long at least as it repeats."""
        if not self.is_locked or self.lock_seconds is None:
            return False
        self.lock_seconds = max(self.lock_seconds, min(seconds - self.lock_seconds, 5.0))
        self.is_locked, self.tries = False, self.tries + 1
        return True


def components() -> Components:
    """Return the parts of the running service."""
    parts: Components = current_app.extensions["tthc"]
    return parts


def now() -> datetime:
    """Return the moment of this request, read once."""
    moment: datetime = g.setdefault("now", clock())
    return moment


def clock() -> datetime:
    """Return the moment of the call: records are stamped when the lock is held, not when the request came."""
    return datetime.now(UTC)


def request_id() -> str:
    """Return this request's id."""
    identity: str = g.setdefault("request_id", new_request_id())
    return identity


def new_request_id() -> str:
    """Return a new id for a request; an id that the client sent is never used as ours."""
    return uuid.uuid4().hex


def client_request_id() -> str | None:
    """Return the id that a client gave its request, cleaned, for the log alone; None when it gave none."""
    return _NOT_OF_AN_ID.sub("", request.headers.get("X-Request-Id", ""))[:64] or None


def requested_question(unit: str) -> RequestedQuestion:
    """Read this request's question about a unit."""
    settings = components().settings
    return read_question(unit, request.args, now(), settings.calendar, settings.coverage_working_days)


def answer(requested: RequestedQuestion) -> Report:
    """Answer a question in one reading transaction."""
    parts = components()
    with parts.database.reading() as session:
        return report(session, requested.question, parts.hours)


def answered_in_total(unit: str) -> tuple[RequestedQuestion, Report]:
    """Return this request's question about a unit, without any grouping, and the answer to it."""
    requested = requested_question(unit)
    requested = replace(requested, question=replace(requested.question, group_by=()))
    return requested, answer(requested)


def is_stale(answered: Report) -> bool:
    """Say whether the data behind a report are older than the setting allows."""
    return answered.stale(components().settings.stale_after)
