"""Filters and two groupings at once, against the recount; cells add up to both margins; on both databases."""

import json
from collections import Counter
from typing import Any

import time_machine
from hypothesis import given, note
from hypothesis import strategies as st

from service.domain.calendar.local_time import day_start, local_day
from service.store.database import Database
from tests.store.test_truth import BOUNDED
from tests.support.catalogues import Operator
from tests.support.client import Client
from tests.support.oracle import ALL, FLOWS, INSTANT, Dossier, count, current, plain
from tests.support.oracle_units import GROUPS, bounds, group_of
from tests.support.random_histories import AS_OF, NOW, Trial, as_moment, known_counts, question
from tests.support.random_records import LIMITS, batches

CHANNELS = {"direct": 1, "online": 2, "postal": 3}
SPLITTING = ("unit", "field", "procedure", "channel")
FILTERS: dict[str, tuple[str | None, ...]] = {
    "channel": (None, None, "direct", "online", "2"),
    "field": (None, None, "G01", "ĐẤT đai", "Hộ tịch"),
    "procedure": (None, None, "1.000001", "1.000003.000.00.00.H23"),
}


@st.composite
def cross_questions(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a question with filters and up to two groupings."""
    groupings = draw(st.lists(st.sampled_from((*SPLITTING, "month", "day")), unique=True, max_size=2))
    if {*groupings} == {"month", "day"}:
        groupings = ["day"]
    drawn = draw(question()) | {"group_by": ",".join(groupings) or None, "as_of": draw(st.sampled_from(AS_OF))}
    return drawn | {name: draw(st.sampled_from(values)) for name, values in FILTERS.items()}


def met(d: Dossier, asked: dict[str, Any]) -> bool:
    channel = asked["channel"]
    return (
        (channel is None or d.channel == CHANNELS.get(channel, 2))
        and (asked["field"] is None or d.field == plain(asked["field"]))
        and (asked["procedure"] is None or d.procedure == ".".join(asked["procedure"].split(".")[:2]))
    )


def answer_to(trial: Trial, asked: dict[str, Any]) -> Any:
    params = {name: value for name, value in asked.items() if value is not None}
    with time_machine.travel(NOW, tick=False):
        return trial.client.get("/api/v1/stats", **params | {"unit": trial.root + asked["unit"]})


def key_of(group: Any) -> str | None:
    return plain(group["key"]["code"] or group["key"]["name"])


def cells_of(answer: Any) -> dict[tuple[str | None, ...], dict[str, Any]]:
    """Return the counts of each group, or with two groupings of each cell."""
    if len(answer["group_by"]) < 2:
        return {(key_of(group),): known_counts(group["counts"]) for group in answer["groups"]}
    return {(key_of(group), key_of(cell)): cell["counts"] for group in answer["groups"] for cell in group["groups"]}


def assert_as_recounted(trial: Trial, asked: dict[str, Any], pile: list[Dossier]) -> None:
    response, as_of = answer_to(trial, asked), as_moment(asked["as_of"])
    known = {name for name in ("field", "procedure") if asked[name] is not None and response.status_code == 404}
    if known:  # nobody knows this field or procedure: no dossier can have it
        assert not any(met(d, asked) for d in pile)
        return
    lag = {"civil": (0, 1), "reporting": (1, 15), "1,21": (1, 21)}[asked["calendar"]]
    first, after = bounds(asked["period"], local_day(as_of), *lag)
    if day_start(first) > as_of:
        assert response.status_code == 400
        return
    assert response.status_code == 200, response.text
    # A name that no dossier counts under stands for the field that bears it: the answer says which was counted.
    asked = asked | {"field": response.json["filters"].get("field")}
    day = local_day(as_of) if asked["structure"] == "current" else None
    unit = trial.root + asked["unit"]
    mine = [d for d in pile if met(d, asked) and trial.is_mine(d, unit, asked["subtree"], day)]
    m = min(as_of, day_start(after) - INSTANT)
    wanted = count(mine, day_start(first), m, trial.world)
    assert response.json["counts"] == {**response.json["counts"], **wanted}
    groupings = (asked["group_by"] or "").split(",")
    if asked["group_by"] and {*groupings} <= {*SPLITTING}:
        piles: dict[tuple[str | None, ...], list[Dossier]] = {}
        for d in mine:
            names = (group_of(d.unit, unit, trial.world, day) if by == "unit" else GROUPS[by](d) for by in groupings)
            piles.setdefault(tuple(map(plain, names)), []).append(d)
        served, nothing = cells_of(response.json), dict.fromkeys(ALL, 0)
        recounted = {key: count(some, day_start(first), m, trial.world) for key, some in piles.items()}
        for key in recounted.keys() | served.keys():
            have = served.get(key, nothing)
            assert have == {**have, **recounted.get(key, nothing)}, key


def assert_cells_add_up(trial: Trial, asked: dict[str, Any]) -> None:
    """Compare the sums of the cells with the answers by each of the two groupings alone."""
    crossed = answer_to(trial, asked)
    if crossed.status_code != 200 or "," not in (asked["group_by"] or ""):
        return
    for place, by in enumerate(asked["group_by"].split(",")):
        flows = (*FLOWS, "carried_over", "workload") if by not in ("month", "day") else FLOWS
        over_time = {*asked["group_by"].split(",")} & {"month", "day"}
        summed = FLOWS if over_time else flows
        margin: dict[str | None, Counter[str]] = {}
        for key, counts in cells_of(crossed.json).items():
            margin.setdefault(key[place], Counter()).update({name: counts[name] for name in summed})
        alone = answer_to(trial, asked | {"group_by": by}).json["groups"]
        for group in alone:
            have = margin.get(key_of(group), Counter())
            assert {name: have[name] for name in summed} == {name: group["counts"][name] or 0 for name in summed}, by


def test_every_cell_is_the_recounted_one_and_cells_add_up(
    client: Client, database: Database, operator: Operator
) -> None:
    operator.time_limits(LIMITS)

    @BOUNDED
    @given(batches(), st.lists(cross_questions(), min_size=20, max_size=20))
    def property_(pushed: list[list[dict[str, Any]]], questions: list[dict[str, Any]]) -> None:
        trial = Trial(client, database)
        trial.push_daily(pushed)
        pile = current(trial.pushes, trial.world)
        for asked in questions:
            try:
                assert_as_recounted(trial, asked, pile)
                assert_cells_add_up(trial, asked)
            except AssertionError:
                note(json.dumps({"asked": asked, "pushed": pushed}, ensure_ascii=False))
                raise

    property_()
