"""What became of events: what an answer carries of one, and the metrics of many. Of June 2024."""

from collections import Counter

import pytest

from service.domain.dossier.events import IngestCounts, IngestResult, lag_of
from tests.support.june import june


def test_an_answer_carries_neither_errors_nor_warnings_where_there_are_none() -> None:
    assert IngestResult("created", "C").told() == {}


def counted(*events: tuple[str, tuple[str, ...], float | None]) -> IngestCounts:
    counts = IngestCounts("one", 0.0)
    for result, warnings, lag in events:
        counts.add(result, warnings, lag)
    return counts


EVENTS = (("created", ("reopened", "not_received"), 2.5), ("created", ("reopened",), None), ("stale", (), 0.0))


def test_events_are_counted_by_their_results() -> None:
    assert counted(*EVENTS).results == Counter({"created": 2, "stale": 1})


def test_events_are_counted_by_their_warnings() -> None:
    assert counted(*EVENTS).warnings == Counter({"reopened": 2, "not_received": 1})


def test_the_lags_of_events_that_have_one_are_kept() -> None:
    assert list(counted(*EVENTS).lags) == [2.5, 0.0]


@pytest.mark.parametrize(("changed", "seconds"), [("5 08:00", 3600), ("5 09:00", 0), ("5 10:00", 0)])
def test_a_lag_is_the_time_from_a_change_until_it_is_known(changed: str, seconds: float) -> None:
    assert lag_of(june(changed), june("5 09:00")) == seconds
