"""Whose lateness it is: a table that a clerk can read."""

from datetime import datetime

import pytest

from service.domain.calendar.local_time import VIETNAM
from service.domain.dossier.evaluation import Evaluation, Outcome, judge
from service.domain.dossier.lateness import lateness_of
from service.domain.dossier.pauses import PausedInterval


def at(text: str) -> datetime:
    """Read a moment of June 2024: "12 08:00"."""
    return datetime.strptime(f"2024-06-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=VIETNAM)


RECEIVED = "03 08:00"

# due, ended, paused from and to, the earliest due moment, when an end became known that was open before, what is said
TABLE = {
    "late, never paused": ("07 23:59", "10 23:59", [], "07 23:59", None, []),
    "late by three days, paused for three": (
        "07 23:59", "10 23:59", [("04 08:00", "07 08:00")], "07 23:59", None, ["late_paused"],
    ),
    "late by three days, paused for less": (
        "07 23:59", "10 23:59", [("04 08:00", "07 07:59")], "07 23:59", None, [],
    ),
    "two pauses together are enough": (
        "07 23:59", "10 23:59", [("04 08:00", "06 08:00"), ("08 08:00", "09 08:00")], "07 23:59", None, ["late_paused"],
    ),
    "what was paused before the receipt does not count": (
        "07 23:59", "10 23:59", [("01 08:00", "04 08:00")], "07 23:59", None, [],
    ),
    "nor what was paused after the end": (
        "07 23:59", "10 23:59", [("09 08:00", "20 08:00")], "07 23:59", None, [],
    ),
    "in time by its last deadline, not by its first": ("14 23:59", "12 10:00", [], "07 23:59", None, ["late_moved"]),
    "ended at the first due moment itself": ("14 23:59", "07 23:59", [], "07 23:59", None, []),
    "told at the due moment itself": ("07 23:59", "07 10:00", [], "07 23:59", "07 23:59", []),
    "in time by both": ("14 23:59", "07 10:00", [], "07 23:59", None, []),
    "late by both": ("14 23:59", "17 10:00", [], "07 23:59", None, []),
    "in time and told in time": ("07 23:59", "07 10:00", [], "07 23:59", "07 11:00", []),
    "in time, told the day after": ("07 23:59", "07 10:00", [], "07 23:59", "08 02:00", ["told_late"]),
    "in time, and never known as open": ("07 23:59", "07 10:00", [], "07 23:59", None, []),
    "late and told late": ("07 23:59", "10 10:00", [], "07 23:59", "12 08:00", []),
    "moved, and told late": ("14 23:59", "12 10:00", [], "07 23:59", "17 08:00", ["late_moved", "told_late"]),
}  # fmt: skip


@pytest.mark.parametrize(("due", "ended", "paused", "first", "known", "said"), TABLE.values(), ids=TABLE.keys())
def test_what_is_said_beside_the_outcome(
    due: str, ended: str, paused: list[tuple[str, str]], first: str, known: str | None, said: list[str]
) -> None:
    pauses = [PausedInterval(at(start), at(end), in_time=True) for start, end in paused]
    outcome = judge(at(ended), at(due))
    evaluation = Evaluation(9, at(RECEIVED), at(due), at(ended), outcome, pauses, None, end_is_known=True)
    assert [one.name for one in lateness_of(evaluation, at(first), at(known) if known else None)] == said


@pytest.mark.parametrize("outcome", [Outcome.WITHDRAWN, Outcome.STOPPED, Outcome.NO_DEADLINE], ids=str)
def test_a_dossier_without_a_judged_outcome_has_no_lateness(outcome: Outcome) -> None:
    evaluation = Evaluation(9, at(RECEIVED), at("07 23:59"), at("12 10:00"), outcome, [], None, end_is_known=True)
    assert not lateness_of(evaluation, at("05 23:59"), at("20 08:00"))
