"""The five counts beside the outcomes against the recount, and their identities, on random histories."""

from typing import Any

import time_machine
from hypothesis import given
from hypothesis import strategies as st

from service.domain.calendar.local_time import day_start, local_day
from service.store.database import Database
from tests.store.test_truth import BOUNDED
from tests.support.catalogues import Operator
from tests.support.client import Client
from tests.support.oracle import INSTANT
from tests.support.oracle_lateness import FIVE, count, judged, told_until
from tests.support.oracle_units import bounds
from tests.support.random_histories import ASKED_AT, NOW, PERIODS, Trial, as_moment
from tests.support.random_records import LIMITS, batches


def test_whose_lateness_it_is_as_recounted_in_total_by_group_and_by_month(
    client: Client, database: Database, operator: Operator
) -> None:
    operator.time_limits(LIMITS)

    @BOUNDED
    @given(batches(), st.lists(st.tuples(st.sampled_from(PERIODS), st.sampled_from(ASKED_AT)), min_size=6, max_size=6))
    def property_(pushed: list[list[dict[str, Any]]], asked: list[tuple[str, str | None]]) -> None:
        trial = Trial(client, database)
        trial.push_daily(pushed)
        pile, told = judged(trial.pushes, trial.world), told_until(trial.pushes, trial.world)
        for period, given_as_of in asked:
            as_of = as_moment(given_as_of)
            first, after = bounds(period, local_day(as_of), 0, 1)
            if day_start(first) <= as_of:
                m = min(as_of, day_start(after) - INSTANT)
                wanted = count(pile, day_start(first), m, trial.world, told)
                assert_answers(trial, {"period": period, "as_of": as_of.isoformat()}, wanted)

    property_()


def assert_answers(trial: Trial, params: dict[str, Any], wanted: dict[str, int]) -> None:
    for group_by in ("", "unit", "channel", "procedure", "field,channel", "month"):
        with time_machine.travel(NOW, tick=False):
            answer = trial.client.stats(trial.root, group_by=group_by, **params)
        counts = answer["counts"]
        assert {name: counts[name] for name in FIVE} == wanted, (params, group_by)
        assert_parts(counts)
        if group_by:
            added = {name: sum(group["counts"][name] or 0 for group in answer["groups"]) for name in FIVE}
            assert added == wanted, (params, group_by)


def assert_parts(counts: dict[str, int]) -> None:
    """Assert that each is a part of what it is said of."""
    assert counts["late_paused"] <= counts["late"]
    assert counts["late_moved"] <= counts["early_or_on_time"]
    assert counts["told_late"] <= counts["early_or_on_time"]
    assert counts["overdue_confirmed"] + counts["overdue_unconfirmed"] == counts["open_overdue"]
