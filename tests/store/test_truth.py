"""Every count that is served, against a slow recount of the same histories; on both databases."""

import json
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from service.domain.units import Unit
from service.store import catalogue, dossiers
from service.store.database import Database
from tests.support.catalogues import Operator
from tests.support.client import Client, dossier
from tests.support.oracle import current
from tests.support.random_histories import NOW, Trial, question
from tests.support.random_records import FIRST_PUSH, LIMITS, MOMENTS, batches, drawn_steps, records, without_ties
from tests.support.tallies import differences

BOUNDED = settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # shrinking over HTTP takes minutes; run it by hand when needed
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


def test_every_count_served_is_the_recounted_one(client: Client, database: Database, operator: Operator) -> None:
    operator.time_limits(LIMITS)

    @BOUNDED
    @given(batches(), st.lists(question(), min_size=20, max_size=20), st.booleans())
    def property_(pushed: list[list[dict[str, Any]]], asked: list[dict[str, Any]], derives: bool) -> None:
        trial = Trial(client, database, derives_pauses=derives)
        trial.push_daily(pushed)
        pile = current(trial.pushes, trial.world)
        for one in asked:
            try:
                trial.check(one, pile)
            except AssertionError:
                note(json.dumps({"asked": one, "pushed": pushed, "derives": derives}, ensure_ascii=False))
                raise

    property_()
    with database.reading() as session:
        assert differences(session) == []


@st.composite
def dated_histories(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Draw versions that all say when they changed, and steps: their order of arrival must not matter."""
    changed, codes = st.sampled_from(MOMENTS[:10]), st.integers(0, 3)
    version = st.builds(lambda record, at: record | {"changed_at": at}, codes.flatmap(records), changed)
    drawn = draw(st.lists(st.one_of(version, version, version, drawn_steps(codes)), min_size=2, max_size=10))
    return without_ties([drawn])[0]


def records_first(history: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put a record of each dossier before everything else: a step of an unknown one is refused."""
    first = {record["code"]: record for record in reversed(history) if "step" not in record}
    return [*first.values(), *history]


def numbers_of(trial: Trial) -> list[Any]:
    """Read a few answers, without the root's own code."""
    asked = [{"group_by": by, "as_of": as_of} for by in ("unit", "field") for as_of in ("2025-03-05", "2025-03-24")]
    with time_machine.travel(NOW, tick=False):
        answers = [trial.client.stats(trial.root, **one) for one in asked]
    return [(of_any_order(a), a["updated_at"], [_group(trial, group) for group in a["groups"]]) for a in answers]


def of_any_order(answer: Any) -> dict[str, int]:
    """Return the counts but for those that say when news arrived."""
    arrival = ("told_late", "overdue_confirmed", "overdue_unconfirmed")
    return {name: number for name, number in answer["counts"].items() if name not in arrival}


def _group(trial: Trial, group: Any) -> Any:
    return (group["key"]["code"] or "").replace(trial.root, ""), of_any_order(group)


class Sender:
    """Sends one history to a trial of its own, in which procedure 1.000001 has a code of its own."""

    def __init__(self, client: Client, database: Database, operator: Operator) -> None:
        self.trial, self.operator = Trial(client, database), operator
        self.procedure = f"3.{int(self.trial.number):06d}"
        self.pushed = 0

    def send(self, told: list[dict[str, Any]]) -> None:
        own = {"procedure_code": self.procedure}
        told = [record | (own if record.get("procedure_code") == "1.000001" else {}) for record in told]
        self.trial.push(told, FIRST_PUSH + timedelta(days=self.pushed))
        self.pushed += 1

    def import_its_limit(self) -> None:
        self.operator.limits(f"{self.procedure},3,working_day")


def test_any_order_any_split_any_repetition_and_a_late_catalogue_give_the_same_numbers(
    client: Client, database: Database, operator: Operator
) -> None:
    operator.time_limits(LIMITS)

    @BOUNDED
    @given(dated_histories(), st.none() | dated_histories(), st.data())
    def property_(history: list[dict[str, Any]], gone: list[dict[str, Any]] | None, data: st.DataObject) -> None:
        once, other = (Sender(client, database, operator) for _ in range(2))
        for sender in (once, other):
            sender.send([*(gone or ()), *({"code": str(code), "deleted": True} for code in range(4))])
        once.import_its_limit()
        once.send(records_first(history))
        shuffled = data.draw(st.permutations(history + data.draw(st.lists(st.sampled_from(history), max_size=4))))
        shuffled = records_first(shuffled)
        cut = data.draw(st.integers(1, len(shuffled)))
        other.send(shuffled[:cut])
        other.import_its_limit()
        other.send(shuffled[cut:])
        for one, another in zip(numbers_of(once.trial), numbers_of(other.trial), strict=True):
            assert another == one, json.dumps({"history": history, "gone": gone, "sent as": shuffled, "cut at": cut})

    property_()
    with database.reading() as session:
        assert differences(session) == []


@pytest.mark.parametrize("together", [False, True], ids=["one by one", "in one batch"])
def test_a_dossier_that_was_elsewhere_between_two_units_is_counted_alike_in_any_order(
    client: Client, database: Database, together: bool
) -> None:
    units = [Unit("H23"), *(Unit(f"H23.{name}", parent_code="H23") for name in ("NEW", "ELSEWHERE"))]
    old = Unit("H23.OLD", parent_code="H23", valid_to=date(2023, 6, 30), successors=("H23.NEW",))
    with database.writing() as session:
        catalogue.put_units(session, [*units, old])
    moved = [
        dossier(unit_code=f"H23.{name}", changed_at=f"2023-10-0{day}T08:00:00+07:00")
        for day, name in ((3, "OLD"), (4, "ELSEWHERE"), (5, "NEW"))
    ]
    for number, order in enumerate(permutations(moved)):
        records = [record | {"code": f"D-{number}"} for record in order]
        for batch in [records] if together else [[record] for record in records]:
            assert client.batch(batch).json["rejected"] == 0
    received = {
        group["key"]["code"]: group["counts"]["received"]
        for group in client.stats("H23", group_by="unit", period="2023")["groups"]
    }
    assert received["H23.NEW"] == 6 and received["H23.OLD"] == received["H23.ELSEWHERE"] == 0
    with database.reading() as session:
        assert differences(session) == []


def test_a_version_that_says_the_same_again_is_let_go_and_no_number_changes(client: Client, database: Database) -> None:
    old = Unit("H23.45", parent_code="H23", valid_to=date(2023, 10, 3), successors=("H23.99",))
    with database.writing() as session:
        catalogue.put_units(session, [Unit("H23"), old, Unit("H23.99", parent_code="H23")])
    client.push(dossier(changed_at="2023-10-02T08:00:00+07:00"))
    moved = dossier(unit_code="H23.99")
    for day in (4, 5, 6, 7):
        client.push(moved | {"changed_at": f"2023-10-0{day}T08:00:00+07:00"})
    with database.writing() as session:
        assert dossiers.purge_step(session, 0, datetime.now(UTC) + timedelta(days=1)) == 2
    late = client.push(moved | {"changed_at": "2023-10-03T08:00:00+07:00"})
    assert (late.json["result"], client.counts("H23.45", period="2023")["received"]) == ("stale", 1)


def test_retention_keeps_the_version_that_ended_an_open_pause(client: Client, database: Database) -> None:
    """A pause from the 4th was left open; the version of the 5th ends it, whatever says the same after it."""
    told = dossier(pauses=[{"from": "2023-10-04T08:00:00+07:00"}])
    for day in (3, 5, 7, 9):
        client.push(told | {"changed_at": f"2023-10-0{day}T08:00:00+07:00"})
    with database.writing() as session:
        assert dossiers.purge_step(session, 0, datetime.now(UTC) + timedelta(days=1)) == 1
    client.push(told | {"changed_at": "2023-10-10T08:00:00+07:00"})
    assert [client.counts(as_of=f"2023-10-0{day}")["paused"] for day in (4, 6)] == [1, 0]


def test_a_version_that_is_not_old_enough_stays(client: Client, database: Database) -> None:
    for day in (4, 5, 6):
        client.push(dossier(changed_at=f"2023-10-0{day}T08:00:00+07:00"))
    with database.writing() as session:
        assert dossiers.purge_step(session, 0, datetime.now(UTC) - timedelta(days=1)) == 0


def test_of_two_contents_changed_at_one_moment_the_one_filed_later_wins(client: Client) -> None:
    one, two = (dossier(channel=channel, changed_at="2023-10-03T10:00:00+07:00") for channel in (1, 2))
    client.batch([one, two, one])
    assert client.counts(as_of="2023-10-04")["received_online"] == 1


def test_of_two_contents_changed_at_one_bare_date_the_one_filed_later_wins(client: Client) -> None:
    client.push(dossier(status="resolved", finished_at="2023-10-03", changed_at="2023-10-03"))
    client.push(dossier(status="processing", changed_at="2023-10-03"))
    assert client.counts(as_of="2023-10-04")["in_progress"] == 1
