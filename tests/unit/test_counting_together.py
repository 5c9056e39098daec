"""Questions are counted side by side."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from service.reporting.counting import coverage
from service.reporting.counting.coverage import CoverageReader
from service.reporting.report import Counting


def both_get(kind: type, attribute: str) -> list[BaseException | None]:
    """Ask two objects for an attribute in two threads; return the errors."""
    with ThreadPoolExecutor(2) as threads:
        told = [threads.submit(getattr, object.__new__(kind), attribute) for _ in "12"]
    return [one.exception() for one in told]


def test_one_count_waits_for_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """functools.cached_property of Python 3.11 locks its class: one slow question kept all widgets waiting."""
    both = Barrier(2, timeout=10)
    monkeypatch.setattr(Counting, "_counts", lambda *_: {both.wait(): None})
    assert both_get(Counting, "_total") == [None, None]


def test_the_coverage_of_one_question_waits_for_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    both = Barrier(2, timeout=10)
    monkeypatch.setattr(coverage, "expected_units", lambda *_: [])
    monkeypatch.setattr(coverage, "silent_units", lambda *_: both.wait() < 0)
    monkeypatch.setattr(CoverageReader, "tree", None, raising=False)
    monkeypatch.setattr(CoverageReader, "_expected", [])
    monkeypatch.setattr(CoverageReader, "_since", None)
    assert both_get(CoverageReader, "all") == [None, None]
