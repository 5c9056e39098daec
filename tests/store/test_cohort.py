"""Cohorts, withdrawn and stopped dossiers against the recount, on random histories; on both databases."""

from typing import Any

import time_machine
from hypothesis import given
from hypothesis import strategies as st

from service.domain.calendar.local_time import day_start, local_day
from service.store.database import Database
from tests.store.test_truth import BOUNDED
from tests.support.catalogues import Operator
from tests.support.client import Client
from tests.support.oracle import INSTANT, cohort, current
from tests.support.oracle_units import bounds
from tests.support.random_histories import ASKED_AT, NOW, PERIODS, Trial, as_moment
from tests.support.random_records import LIMITS, batches


def test_a_cohort_is_the_recounted_one_in_total_by_group_and_by_month(
    client: Client, database: Database, operator: Operator
) -> None:
    operator.time_limits(LIMITS)

    @BOUNDED
    @given(batches(), st.lists(st.tuples(st.sampled_from(PERIODS), st.sampled_from(ASKED_AT)), min_size=6, max_size=6))
    def property_(pushed: list[list[dict[str, Any]]], asked: list[tuple[str, str | None]]) -> None:
        trial = Trial(client, database)
        trial.push_daily(pushed)
        pile = current(trial.pushes, trial.world)
        for period, asked_as_of in asked:
            as_of = as_moment(asked_as_of)
            first, after = bounds(period, local_day(as_of), 0, 1)
            if day_start(first) <= as_of:
                wanted = cohort(pile, day_start(first), min(as_of, day_start(after) - INSTANT), as_of)
                for group_by in (None, "unit", "channel", "field", "month"):
                    assert_cohort(trial, {"period": period, "as_of": asked_as_of, "group_by": group_by}, wanted)

    property_()


def assert_cohort(trial: Trial, params: dict[str, Any], wanted: dict[str, int]) -> None:
    given_ = {name: value for name, value in params.items() if value is not None}
    with time_machine.travel(NOW, tick=False):
        answer = trial.client.stats(trial.root, formula="cohort", **given_)
    assert {name: answer["counts"][name] for name in wanted} == wanted, params
    if params["group_by"]:
        assert {name: sum(group["counts"][name] or 0 for group in answer["groups"]) for name in wanted} == wanted, (
            params
        )
