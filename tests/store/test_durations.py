"""Durations against the recount, on random histories; on both databases."""

from collections.abc import Iterable
from typing import Any

import time_machine
from hypothesis import given
from hypothesis import strategies as st

from service.domain.calendar.local_time import day_start, local_day
from service.store.database import Database
from tests.store.test_truth import BOUNDED
from tests.support.catalogues import Operator
from tests.support.client import Client
from tests.support.oracle import INSTANT, current
from tests.support.oracle_durations import measured, resolved
from tests.support.oracle_units import bounds
from tests.support.random_histories import ASKED_AT, NOW, PERIODS, Trial, as_moment
from tests.support.random_records import LIMITS, batches

QUESTION = st.tuples(st.sampled_from(PERIODS), st.sampled_from(ASKED_AT), st.sampled_from(("ended", "received")))


def test_durations_are_the_recounted_ones_and_their_groups_add_up(
    client: Client, database: Database, operator: Operator
) -> None:
    operator.time_limits(LIMITS)

    @BOUNDED
    @given(batches(), st.lists(QUESTION, min_size=8, max_size=8))
    def property_(pushed: list[list[dict[str, Any]]], asked: list[tuple[str, str | None, str]]) -> None:
        trial = Trial(client, database)
        trial.push_daily(pushed)
        pile = current(trial.pushes, trial.world)
        for period, given_as_of, by in asked:
            as_of = as_moment(given_as_of)
            first, after = bounds(period, local_day(as_of), 0, 1)
            if day_start(first) <= as_of:
                m = min(as_of, day_start(after) - INSTANT)
                wanted = measured(resolved(pile, day_start(first), m, as_of, by), trial.world)
                assert_answers(trial, {"period": period, "as_of": as_of.isoformat(), "by": by}, wanted)

    property_()


def assert_answers(trial: Trial, params: dict[str, Any], wanted: tuple[Any, ...]) -> None:
    for group_by in ("", "unit", "channel", "field", "procedure", "month", "unit,month"):
        with time_machine.travel(NOW, tick=False):
            response = trial.client.get("/api/v1/durations", unit=trial.root, group_by=group_by, **params)
        assert response.status_code == 200, response.text
        assert numbers([response.json]) == wanted, params
        if group_by:
            assert numbers(leaves(response.json["groups"])) == wanted, (params, group_by)


def leaves(groups: Iterable[Any]) -> list[Any]:
    return [leaf for group in groups for leaf in (leaves(group["groups"]) if "groups" in group else [group])]


def numbers(answers: list[Any]) -> tuple[dict[int, int], dict[int, int], int]:
    """Add up the histograms, the distances and the unmeasured of answers."""
    sums: tuple[dict[int, int], dict[int, int]] = ({}, {})
    for answer in answers:
        for total, name in zip(sums, ("histogram", "to_deadline"), strict=True):
            for one in answer[name] or ():
                total[one["working_days"]] = total.get(one["working_days"], 0) + one["dossiers"]
    return (*sums, sum(answer["unmeasured"] or 0 for answer in answers))
