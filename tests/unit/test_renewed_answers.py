"""A long push makes the answers anew that readers repeat; nobody is ever given an answer older than the last push."""

from collections.abc import Callable
from dataclasses import dataclass

from service.components import ResponseCache

PATIENCE = 60.0


@dataclass(frozen=True)
class Answer:
    body: str
    again: Callable[[], "Answer"] | None = None
    mark: object = None


class Readers:
    """A cache that was asked for some questions, each of which reads the same number in a database."""

    def __init__(self, *questions: str) -> None:
        self.stored = 1
        self.cache = ResponseCache(PATIENCE)
        for question in questions:
            self.cache.get(question, self.read)

    def read(self) -> Answer:
        return Answer(str(self.stored), self.read)

    def push(self, seconds: float = PATIENCE) -> None:
        self.stored += 1
        self.cache.renew(seconds)

    def repeated(self, question: str) -> str | None:
        kept = self.cache.peek(question)
        return kept.body if kept else None


def test_what_is_repeated_is_made_anew_and_the_rest_is_dropped() -> None:
    readers = Readers("asked once", "repeated")
    readers.repeated("repeated")
    readers.push()
    assert (readers.repeated("repeated"), readers.repeated("asked once")) == ("2", None)


def test_what_nobody_repeats_any_more_is_dropped_at_the_next_push() -> None:
    readers = Readers("widget")
    readers.repeated("widget")
    readers.push()
    readers.push()
    assert readers.repeated("widget") is None


def test_a_push_without_time_to_spare_drops_everything() -> None:
    readers = Readers("widget")
    readers.repeated("widget")
    readers.push(0)
    assert readers.repeated("widget") is None


def test_an_answer_that_cannot_be_made_now_is_dropped() -> None:
    readers = Readers("widget")
    readers.repeated("widget")
    readers.read = lambda: 1 / 0  # type: ignore[method-assign, assignment, return-value]
    kept = readers.cache.peek("widget")
    assert kept
    object.__setattr__(kept, "again", readers.read)
    readers.push()
    assert readers.repeated("widget") is None


def test_an_answer_made_before_another_push_is_not_kept_after_it() -> None:
    """The other push is stored and told to its sender while the answer is being made."""
    readers = Readers("widget")
    readers.repeated("widget")

    def overtaken() -> Answer:
        made = readers.read()
        readers.stored += 1
        readers.cache.clear()
        return made

    kept = readers.cache.peek("widget")
    assert kept
    object.__setattr__(kept, "again", overtaken)
    readers.push()
    assert readers.repeated("widget") is None


def test_a_push_with_less_time_than_an_answer_takes_begins_none() -> None:
    """Other pushes would wait for it."""
    readers = Readers("widget")
    readers.repeated("widget")
    readers.push(0.01)
    assert readers.repeated("widget") is None
