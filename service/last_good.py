"""The last good answer to each public question, for the time in which the database is away."""

from threading import Lock
from time import monotonic
from typing import Any

from cachetools import TTLCache

_MOST_BYTES = 32 * 1024 * 1024
"""Room for answers that were made once, and again as much for those made more often: neither drops the other."""
_MOST_OF_ONE = 1024 * 1024
_A_DAY = 86400.0
_TRY_AGAIN_SECONDS = 2.0
_TRIAL_SECONDS = 10.0
"""Only one request at a time tries whether the database is back; after so many seconds the next one may try."""


def _shelf() -> TTLCache[object, tuple[Any, float]]:
    return TTLCache(_MOST_BYTES, _A_DAY, getsizeof=lambda entry: len(entry[0].body) + 500)


class LastGoodAnswers:
    """Keeps answers by question, bounded in bytes and in age, and knows whether it is worth asking the database."""

    def __init__(self) -> None:
        self._once, self._often = _shelf(), _shelf()
        self._lock = Lock()
        self._ask_again_at: float | None = None

    def keep(self, question: object, answer: Any) -> Any:
        """Keep an answer that was made just now; so the database is there."""
        with self._lock:
            self._ask_again_at = None
            if len(answer.body) <= _MOST_OF_ONE:
                made_before = self._once.pop(question, None) or question in self._often
                (self._often if made_before else self._once)[question] = answer, monotonic()
        return answer

    def get(self, question: object) -> tuple[Any, int] | None:
        """Return the last good answer to a question and its age in seconds."""
        with self._lock:
            kept = self._often.get(question) or self._once.get(question)
        return (kept[0], int(monotonic() - kept[1])) if kept else None

    def note_failure(self) -> None:
        """Note that the database is away, so that it is not asked for a while."""
        with self._lock:
            self._ask_again_at = monotonic() + _TRY_AGAIN_SECONDS

    def note_success(self) -> None:
        with self._lock:
            self._ask_again_at = None

    def may_ask(self) -> bool:
        """Say whether to ask the database; while it is away, one request at a time may."""
        with self._lock:
            if self._ask_again_at is None:
                return True
            if monotonic() < self._ask_again_at:
                return False
            self._ask_again_at = monotonic() + _TRIAL_SECONDS
            return True
