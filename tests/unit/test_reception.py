"""Whether a submitted dossier was received in time (8 working hours): a table that a clerk can read."""

import pytest

from service.domain.dossier.snapshot import Snapshot
from service.domain.dossier.statuses import Status
from service.schemas.fields import parse_moment
from tests.support.standing import stand

SUBMITTED = "2024-06-05T09:00"  # a Wednesday; 8 working hours end on Thursday at 09:00
LIMIT = "2024-06-06T09:00:00+07:00"


@pytest.mark.parametrize(
    ("status", "received", "ended", "missed"),
    [
        (Status.SUBMITTED, None, None, True),
        (Status.SUBMITTED, "2024-06-05T10:00", None, True),  # a date of receipt says nothing under this status
        (Status.PROCESSING, "2024-06-05T17:00", None, False),
        (Status.PROCESSING, "2024-06-06T09:00", None, False),
        (Status.PROCESSING, "2024-06-06T09:01", None, True),
        (Status.PROCESSING, "2024-06-10T08:00", None, True),
        (Status.REFUSED, None, "2024-06-05T16:00", False),
        (Status.REFUSED, None, "2024-06-07T16:00", True),
        (Status.REFUSED, "2024-06-05T10:00", "2024-06-07T16:00", True),  # so it was never received
        (Status.WITHDRAWN, None, "2024-06-05T16:00", False),
        (Status.WITHDRAWN, None, "2024-06-07T16:00", True),
        (Status.RESOLVED, "2024-06-05T10:00", "2024-06-20T16:00", False),
    ],
    ids=[
        "waits", "waits with a date", "same day", "to the minute", "a minute late", "days late", "refused in time",
        "refused late", "refused late with a date", "withdrawn in time", "withdrawn late", "received in time",
    ],
)  # fmt: skip
def test_when_reception_was_missed(status: Status, received: str | None, ended: str | None, missed: bool) -> None:
    def at(text: str | None) -> str | None:
        return f"{text}:00+07:00" if text else None

    moments = [parse_moment(text) if text else None for text in (at(SUBMITTED), at(received), at(ended))]
    submitted_at, received_at, finished_at = moments
    state = Snapshot(
        "A", "H23.45", "1.004873", status, submitted_at=submitted_at, received_at=received_at, finished_at=finished_at
    )
    assert stand(state, (), parse_moment("2024-07-01")).reception_limit == (parse_moment(LIMIT) if missed else None)


def test_what_was_not_submitted_online_has_no_limit() -> None:
    state = Snapshot("A", "H23.45", "1.004873", Status.PROCESSING, received_at=parse_moment("2024-06-05"))
    assert stand(state, (), parse_moment("2024-07-01")).reception_limit is None
