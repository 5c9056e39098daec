"""How a dossier is judged: due, precision, finished, expected; a table that a clerk can read."""

import pytest

from service.domain.dossier.snapshot import Snapshot
from service.domain.dossier.statuses import Status
from service.schemas.fields import parse_moment
from tests.support.standing import stand

KNOWN = parse_moment("2023-11-01")


@pytest.mark.parametrize(
    ("due", "precision", "finished", "expected"),
    [
        ("2023-10-06", "day", "2023-10-05T23:59:59+07:00", "early"),
        ("2023-10-06", "day", "2023-10-06T00:00:00+07:00", "on_time"),
        ("2023-10-06", "day", "2023-10-06T23:59:59.999999+07:00", "on_time"),
        ("2023-10-06", "day", "2023-10-07T00:00:00+07:00", "late"),
        ("2023-10-06", "day", "2023-10-06", "on_time"),
        ("2023-10-06T10:00:00+07:00", "day", "2023-10-06T16:00:00+07:00", "on_time"),  # a time, but day precision
        ("2023-10-06T10:00:00+07:00", "instant", "2023-10-06T10:00:00+07:00", "on_time"),
        ("2023-10-06T10:00:00+07:00", "instant", "2023-10-06T10:00:01+07:00", "late"),
        ("2023-10-06T10:00:00+07:00", "instant", "2023-10-05T16:00:00+07:00", "early"),
        ("2023-10-06T10:00:00+07:00", "instant", "2023-10-06T08:00:00+07:00", "on_time"),
        ("2023-10-06", "day", "2023-10-06T00:30:00+07:00", "on_time"),  # still the 5th in UTC
        ("2023-10-06", "day", "2023-10-05T17:30:00Z", "on_time"),
        (None, "day", "2023-10-06", "no_deadline"),
    ],
)
def test_a_resolved_dossier(due: str | None, precision: str, finished: str, expected: str) -> None:
    state = Snapshot(
        "A",
        "H23.45",
        "1.004873",
        Status.RESOLVED,
        received_at=parse_moment("2023-10-02"),
        due_at=parse_moment(due) if due else None,
        due_is_instant=precision == "instant",
        finished_at=parse_moment(finished),
    )
    assert stand(state, (), KNOWN).outcome == expected


@pytest.mark.parametrize(
    ("finished", "returned", "changed", "expected"),
    [
        ("2023-10-05", "2023-10-20", "2023-10-21", "early"),  # collected late, never late
        (None, "2023-10-20", "2023-10-21", "late"),
        (None, None, "2023-10-06T09:00:00+07:00", "on_time"),
        (None, None, None, "no_deadline"),
    ],
)
def test_what_ends_a_dossier(finished: str | None, returned: str | None, changed: str | None, expected: str) -> None:
    moments = [parse_moment(text) if text else None for text in (finished, returned, changed)]
    state = Snapshot(
        "A",
        "H23.45",
        "1.004873",
        Status.RETURNED,
        received_at=parse_moment("2023-10-02"),
        due_at=parse_moment("2023-10-06"),
        finished_at=moments[0],
        returned_at=moments[1],
        changed_at=moments[2],
    )
    assert stand(state, (), KNOWN).outcome == expected
