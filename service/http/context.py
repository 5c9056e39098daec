"""What a running service is made of, and how views reach it."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Condition
from typing import Any, TypeVar

from cachetools import TTLCache, cached
from flask import current_app, g, request

from models.database import Database
from service.domain.workcalendar import OfficeHours
from service.settings import Settings

_CACHED_ANSWERS = 2000
Answer = TypeVar("Answer")


class Answers:
    """Answers of the last second: made once by one thread, also when many ask at once."""

    def __init__(self, seconds: float) -> None:
        """Keep answers for so long."""
        cache: TTLCache[Any, Any] = TTLCache(_CACHED_ANSWERS, seconds)
        self._get = cached(cache, key=lambda key, _make: key, condition=Condition())(lambda _key, make: make())

    def get(self, key: Any, make: Callable[[], Answer]) -> Answer:
        """Return the answer under this key, or make it."""
        answer: Answer = self._get(key, make)
        return answer

    def forget(self) -> None:
        """Drop every answer: something was pushed here."""
        self._get.cache_clear()


@dataclass(frozen=True)
class Service:
    """The parts that views share."""

    settings: Settings
    database: Database
    hours: OfficeHours
    answers: Answers

    @classmethod
    def of(cls, settings: Settings) -> "Service":
        """Build the parts from the settings; no database is touched yet."""
        return cls(
            settings,
            Database(settings.database_url, pool_size=settings.threads),
            OfficeHours.parse(settings.office_hours),
            Answers(settings.cache_seconds),
        )


def service() -> Service:
    """Return the parts of the running service."""
    parts: Service = current_app.extensions["tthc"]
    return parts


def now() -> datetime:
    """Return the moment of this request, read once."""
    if "now" not in g:
        g.now = datetime.now(UTC)
    moment: datetime = g.now
    return moment


def request_id() -> str:
    """Return this request's id: the client's, if it is a sensible one, else a new one."""
    if "request_id" not in g:
        given = request.headers.get("X-Request-Id", "")
        sensible = 1 <= len(given) <= 64 and given.isascii() and given.isprintable()
        g.request_id = given if sensible else uuid.uuid4().hex
    identity: str = g.request_id
    return identity
