"""The classes of ages of unfinished dossiers: every moment of receipt falls into one, by local days."""

from datetime import datetime

import pytest

from service.domain.statistics.questions import AGES

NOON = datetime.fromisoformat("2025-03-31T12:00:00+07:00")


def class_of(received_at: str) -> str:
    moment = datetime.fromisoformat(received_at)
    return next(age.code for age in AGES if age.days is None or moment >= age.since(NOON))


@pytest.mark.parametrize(
    ("received_at", "age"),
    [
        ("2025-03-31T08:00:00+07:00", "0-7"),
        ("2025-03-24T00:00:00+07:00", "0-7"),
        ("2025-03-23T23:59:59+07:00", "8-15"),
        ("2025-03-16T00:30:00+07:00", "8-15"),
        ("2025-03-15T23:00:00+07:00", "16-30"),
        ("2025-03-01T00:00:00+07:00", "16-30"),
        ("2025-02-28T23:59:59+07:00", "31-90"),
        ("2024-12-31T06:59:00+07:00", "31-90"),
        ("2024-12-30T23:59:59+07:00", "91-"),
    ],
)
def test_the_class_of_an_age(received_at: str, age: str) -> None:
    assert class_of(received_at) == age


def test_the_last_class_has_no_end() -> None:
    with pytest.raises(ValueError, match=r"^the last class has no earliest moment$"):
        AGES[-1].since(NOON)
