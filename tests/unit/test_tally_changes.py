"""What dossiers add to the tallies: by unit and local day, by civil month in total, by channel and by field."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from models.tallies import MONTH
from service.domain.statistics.counts import FLOWS
from service.ingest.tallies import TallyChanges
from service.ingest.tally_recount import TallyDifference
from tests.support.june import june

JUNE, JULY = date(2024, 6, 1), date(2024, 7, 1)
RECEIVED = june("28 08:00")


@dataclass(frozen=True)
class Row:
    """A dossier as the tallies see it: received on 28 June, directly, in the field F."""

    unit_code: str = "H23"
    field_key: str | None = "F"
    channel: int = 1
    received_at: datetime | None = RECEIVED
    due_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: str | None = None
    reception_limit: datetime | None = None


OPEN = Row()
LATE = replace(OPEN, due_at=june("7/1 08:00"), ended_at=june("7/3 08:00"), outcome="late")


def told(rows: Any) -> dict[Any, dict[str, int]]:
    """Return the flows that are not 0, by key."""
    return {key: {name: n for name, n in zip(FLOWS, amounts, strict=True) if n} for key, amounts in rows}


def added(*dossiers: Row) -> TallyChanges:
    changes = TallyChanges()
    for dossier in dossiers:
        changes.add(dossier)
    return changes


def test_receipt_and_end_belong_to_their_own_days() -> None:
    assert told(added(LATE, OPEN).days()) == {
        ("H23", date(2024, 6, 28)): {"received_direct": 2},
        ("H23", date(2024, 7, 3)): {"late": 1},
    }


def test_a_month_is_kept_in_total_by_channel_and_by_field() -> None:
    online = replace(OPEN, channel=2, field_key=None)
    assert told(added(LATE, online).months()) == {
        ("", "H23", JUNE, ""): {"received_direct": 1, "received_online": 1},
        ("", "H23", JULY, ""): {"late": 1},
        ("channel", "H23", JUNE, "direct"): {"received_direct": 1},
        ("channel", "H23", JUNE, "online"): {"received_online": 1},
        ("channel", "H23", JULY, "direct"): {"late": 1},
        ("field", "H23", JUNE, ""): {"received_online": 1},
        ("field", "H23", JUNE, "F"): {"received_direct": 1},
        ("field", "H23", JULY, "F"): {"late": 1},
    }


def test_rows_come_in_the_order_of_their_keys() -> None:
    changes = added(replace(LATE, unit_code="H24"), replace(OPEN, field_key="G"), replace(LATE, channel=2))
    days, months = ([key for key, _ in rows] for rows in (changes.days(), changes.months()))
    assert (days, months) == (sorted(days), sorted(months))


def test_what_changed_is_taken_away_and_added_anew() -> None:
    changes = TallyChanges()
    changes.replace(OPEN, replace(LATE, unit_code="H24"))
    assert told(changes.days()) == {
        ("H23", date(2024, 6, 28)): {"received_direct": -1},
        ("H24", date(2024, 6, 28)): {"received_direct": 1},
        ("H24", date(2024, 7, 3)): {"late": 1},
    }


def test_a_month_may_lose_more_than_it_gains() -> None:
    changes = TallyChanges()
    changes.add(OPEN, -1)
    assert told(changes.months())["", "H23", JUNE, ""] == {"received_direct": -1}


def test_what_is_tallied_alike_changes_nothing() -> None:
    changes = TallyChanges()
    changes.replace(OPEN, replace(OPEN))
    assert [*changes.days(), *changes.months()] == []


def test_a_dossier_without_receipt_adds_nothing() -> None:
    assert [*added(replace(LATE, received_at=None)).days()] == []


def test_units_with_news_are_those_that_changed() -> None:
    changes = added(OPEN)
    changes.record_change("H24", june("3 08:00"))
    assert [*changes.units()] == ["H24"]


def test_a_row_that_is_off_is_told_with_each_flow_that_is_off() -> None:
    have, want = [0] * len(FLOWS), [3, 0, 1, *[0] * (len(FLOWS) - 3)]
    off = TallyDifference(MONTH, ("field", "H23", JUNE, "F"), have, want)
    told = "tally_month field H23 2024-06-01 F: received_online 0 ≠ 3, received_postal 0 ≠ 1"
    assert str(off) == f"{told} (đã công bố ≠ đếm lại; published ≠ recounted)"
