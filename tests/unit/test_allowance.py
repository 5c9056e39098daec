"""How long a request may take: 5 s and 2 ms for each record; an operator has all the time."""

from contextlib import nullcontext

import pytest

from service.domain.errors import Unavailable
from service.ingest import sender as sender_module
from service.ingest.sender import Allowance, Sender


class Clock:
    """A clock that stands."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    standing = Clock()
    monkeypatch.setattr(sender_module, "monotonic", standing)
    monkeypatch.setattr(sender_module, "LONGEST", 8.0)
    return standing


@pytest.mark.parametrize(
    ("records", "seconds", "is_too_long"),
    [
        pytest.param(0, 5.0, False, id="five seconds"),
        pytest.param(0, 5.001, True, id="longer"),
        pytest.param(1000, 7.0, False, id="two seconds more for a thousand records"),
        pytest.param(1000, 7.001, True, id="longer than these"),
        pytest.param(2000, 8.001, True, id="longer than the longest"),
    ],
)
def test_a_request_may_take_as_long_as_its_records_need(
    clock: Clock, records: int, seconds: float, is_too_long: bool
) -> None:
    allowed = Allowance(records=records)
    allowed.go_on()
    clock.now += seconds
    with pytest.raises(Unavailable) if is_too_long else nullcontext():
        allowed.go_on()


def test_the_time_begins_with_the_first_look(clock: Clock) -> None:
    allowed = Allowance()
    clock.now += 1000
    allowed.go_on()
    assert allowed.began == 1100


@pytest.mark.parametrize(("key_id", "is_too_long"), [("0123abcd", True), (None, False)])
def test_an_operator_has_all_the_time(clock: Clock, key_id: str | None, is_too_long: bool) -> None:
    sender = Sender(1, "r", key_id=key_id)
    sender.allowed.go_on()
    clock.now += 1000
    with pytest.raises(Unavailable) if is_too_long else nullcontext():
        sender.go_on()
