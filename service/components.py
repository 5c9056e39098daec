"""What a running service is made of; web, commands, jobs and telemetry share it."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Condition
from typing import Any, TypeVar

from cachetools import TTLCache, cached

from service.domain.calendar.work_calendar import OfficeHours
from service.domain.dossier.events import IngestCounts
from service.settings import Settings
from service.store.database import Database

_CACHED_ANSWERS = 2000
_OTHER_THREADS = 8
"""Threads that use the database beside those of TTHC_THREADS: health, operators' questions, pushes, jobs."""
Answer = TypeVar("Answer")


class ResponseCache:
    """Answers of the last second: made once by one thread, also when many ask at once."""

    def __init__(self, seconds: float) -> None:
        """Keep answers for so long."""
        self._kept: TTLCache[Any, Any] = TTLCache(_CACHED_ANSWERS, seconds)
        self._changed = Condition()
        make = cached(self._kept, key=lambda key, _make: key, condition=self._changed)
        self._get = make(lambda _key, make: make())

    def get(self, key: Any, make: Callable[[], Answer]) -> Answer:
        """Return the answer under this key, or make it."""
        answer: Answer = self._get(key, make)
        return answer

    def kept(self, key: Any) -> Any | None:
        """Return the answer under this key if it was made within the last second."""
        with self._changed:
            return self._kept.get(key)

    def forget(self) -> None:
        """Drop every answer: something was pushed here."""
        self._get.cache_clear()


@dataclass(frozen=True)
class Components:
    """The parts that views share."""

    settings: Settings
    database: Database
    hours: OfficeHours
    answers: ResponseCache
    on_ingest: Callable[[IngestCounts], None]

    @classmethod
    def of(cls, settings: Settings, on_ingest: Callable[[IngestCounts], None] = lambda _counts: None) -> "Components":
        """Build the parts from the settings; no database is touched yet. on_ingest: is told of every ingest."""
        return cls(
            settings,
            Database(settings.database_url, pool_size=settings.threads + _OTHER_THREADS),
            settings.hours,
            ResponseCache(settings.cache_seconds),
            on_ingest,
        )
