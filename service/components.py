"""What a running service is made of; web, commands, jobs and telemetry share it."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from threading import Condition
from time import monotonic
from typing import Any, TypeVar

from cachetools import LRUCache, TTLCache, cached

from service.attempts import Attempts
from service.domain.calendar.work_calendar import OfficeHours
from service.domain.dossier.events import IngestCounts
from service.joint_work import JointWork
from service.last_good import LastGoodAnswers
from service.settings import Settings
from service.store.database import Database
from service.store.engines.unavailable import REASON, reason_of
from service.view_counter import ViewCounter

_CACHED_ANSWERS = 2000
_RENEWED = 8
"""A long push makes the answers anew that were repeated last, at most so many."""
_RENEWAL_SECONDS = 0.02
"""How long it takes to make one answer anew."""
_PAST_SECONDS = 60
"""How long an answer about the past is kept while nothing is committed: then only the clock could change it."""
_OTHER_THREADS = 28
"""Threads that use the database beside those of TTHC_THREADS: health, long questions, pushes, jobs."""
Answer = TypeVar("Answer")


class _NotAsked(Exception):
    """The database is away, so the last good answer is given without asking it."""


class ResponseCache:
    """Answers of the last second: made once by one thread, also when many ask at once."""

    def __init__(self, seconds: float) -> None:
        self._kept: TTLCache[Any, Any] = TTLCache(_CACHED_ANSWERS, seconds)
        self.last_good = LastGoodAnswers()
        self._changed = Condition()
        self._repeated: LRUCache[Any, None] = LRUCache(_RENEWED)
        self._cleared = 0
        make = cached(self._kept, key=lambda key, _make: key, condition=self._changed)
        self._get = make(lambda _key, make: make())

    def get(self, key: Any, make: Callable[[], Answer]) -> Answer:
        answer: Answer = self._get(key, make)
        return answer

    def get_or_last_good(
        self,
        key: Any,
        make: Callable[[], Any],
        is_away: Callable[[Exception], bool],
        mark: Callable[[], object] | None = None,
    ) -> tuple[Any, int | None]:
        """Return an answer and None; while the database is away, the last good one and its age in seconds.

        is_away: says whether an error means that the database is away (other errors are bugs). mark: of a question
        about the past, reads Database.mark. Its answer is made anew when the mark has changed, or after a minute.
        """

        def ask() -> Any:
            last = None if self.last_good.may_ask() else self.last_good.get(key)
            if last is not None:
                raise _NotAsked
            return self._made(key, make, mark() if mark and self._kept.ttl else None)

        try:
            return self.get(key, ask), None
        except _NotAsked:
            error = None
        except Exception as failure:
            if not is_away(failure):
                raise
            if reason_of(failure) is not REASON["slow"]:
                self.last_good.note_failure()  # a question that is too slow says nothing about the others
            error = failure
        last = self.last_good.get(key)
        if last is None:
            raise error or LookupError(key)
        return last

    def _made(self, key: Any, make: Callable[[], Any], mark: object) -> Any:
        if mark is None:
            return self.last_good.keep(key, make())
        kept = self.last_good.get(key)
        if kept and kept[0].mark == mark and kept[1] < _PAST_SECONDS:
            self.last_good.note_success()  # the mark was read from the database
            return kept[0]
        return self.last_good.keep(key, replace(make(), mark=mark))

    def peek(self, key: Any) -> Any | None:
        """Return the answer under this key if it was made within the last second."""
        with self._changed:
            kept = self._kept.get(key)
            if kept is not None:
                self._repeated[key] = None
            return kept

    def clear(self) -> None:
        """Drop every answer, because something was pushed; a push also shows that the database is there."""
        self.last_good.note_success()
        with self._changed:
            self._get.cache_clear()
            self._repeated.clear()
            self._cleared += 1

    def renew(self, seconds: float) -> None:
        """Make the answers anew that readers repeat, as many as fit into these seconds; drop all others.

        A long push calls it before its sender is told. So readers find the new numbers ready, also while the next long
        push keeps the processor busy. A short push only clears: renewing would keep other pushes waiting.
        """
        until, renewed = monotonic() + seconds - _RENEWAL_SECONDS, {}
        with self._changed:
            repeated, cleared = [(key, self._kept.get(key)) for key in self._repeated], self._cleared
        for key, kept in repeated:
            if kept is not None and kept.again is not None and monotonic() < until:
                with suppress(Exception):  # what fails here fails again for the next reader, who is told why
                    renewed[key] = self.last_good.keep(key, kept.again())
        with self._changed:
            if self._cleared == cleared:  # else a push came in between: what was made anew may be old
                self.clear()
                self._kept.update(renewed)


@dataclass(frozen=True)
class Components:
    """The parts that views share."""

    settings: Settings
    database: Database
    hours: OfficeHours
    answers: ResponseCache
    seen_keys: ResponseCache
    on_ingest: Callable[[IngestCounts], None]
    attempts: Attempts = field(default_factory=Attempts)
    views: ViewCounter = field(default_factory=ViewCounter)
    joint_pushes: JointWork[Any, Any] = field(default_factory=JointWork)

    @classmethod
    def of(cls, settings: Settings, on_ingest: Callable[[IngestCounts], None] = lambda _counts: None) -> "Components":
        """Build the parts from the settings; no database is touched yet. on_ingest: is called after every ingest."""
        return cls(
            settings,
            Database(settings.database_url, pool_size=settings.threads + _OTHER_THREADS),
            settings.hours,
            ResponseCache(settings.cache_seconds),
            ResponseCache(settings.cache_seconds),
            on_ingest,
        )
