"""The counting rule of one dossier, as a table: received, due, ended, paused, and what it counts as in June 2024."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from service.domain.calendar.local_time import day_end, day_start
from service.domain.dossier.pauses import PausedInterval
from service.domain.statistics.counting_rule import CountWindow, counted_as, flows, in_cohort_as, lateness_as


@dataclass(frozen=True)
class Filed:
    received_at: datetime | None
    due_at: datetime | None
    ended_at: datetime | None
    outcome: str | None
    channel: int = 1
    reception_limit: datetime | None = None
    merged_received_at: datetime | None = None
    lateness: int | None = None


def at(text: str | None) -> datetime | None:
    return datetime.fromisoformat(f"2024-{text}T10:00:00+07:00") if text else None


def moment(text: str) -> datetime:
    parsed = at(text)
    assert parsed is not None
    return parsed


JUNE = CountWindow(day_start(moment("06-01").date()), day_end(moment("06-30").date()), moment("07-01"))

TABLE = [
    # received, due, ended, outcome, paused (from, to, in time), what it counts as
    ("06-03", "06-10", "06-07", "early", None, {"received_direct", "early"}),
    ("05-20", "06-10", "06-12", "late", None, {"carried_over", "late"}),
    ("05-20", "06-10", "05-31", "early", None, set()),
    ("07-01", "07-10", None, None, None, set()),
    ("06-03", "06-10", "07-05", "late", None, {"received_direct", "open_overdue"}),
    ("06-03", "07-10", None, None, None, {"received_direct", "open_in_time"}),
    ("06-03", "07-01", None, None, None, {"received_direct", "open_in_time", "due_soon"}),
    ("06-03", None, None, None, None, {"received_direct", "open_in_time", "open_no_deadline"}),
    ("06-03", "06-10", None, None, ("06-05", None, True), {"received_direct", "paused_in_time"}),
    ("06-03", "06-10", None, None, ("06-12", "07-03", False), {"received_direct", "paused_overdue"}),
    ("06-03", "06-10", None, None, ("06-05", "06-08", True), {"received_direct", "open_overdue"}),
    ("06-03", "06-10", "06-09", "withdrawn", None, {"received_direct", "withdrawn"}),
    ("06-03", "06-10", "06-19", "withdrawn", None, {"received_direct", "withdrawn", "withdrawn_late"}),
    ("06-03", None, "06-19", "stopped", None, {"received_direct", "stopped"}),
    ("06-03", "06-10", "06-19", "stopped", None, {"received_direct", "stopped", "stopped_late"}),
    ("06-03", "06-10", "06-19", "no_deadline", None, {"received_direct", "no_deadline"}),
]  # fmt: skip


@pytest.mark.parametrize(("received", "due", "ended", "outcome", "paused", "names"), TABLE)
def test_what_a_dossier_counts_as(
    received: str, due: str | None, ended: str | None, outcome: str | None,
    paused: tuple[str, str | None, bool] | None, names: set[str],
) -> None:  # fmt: skip
    pauses = [PausedInterval(moment(paused[0]), at(paused[1]), paused[2])] if paused else []
    dossier = Filed(at(received), at(due), at(ended), outcome)
    assert set(counted_as(dossier, pauses, JUNE)) == names


COHORT = [
    # received, due, ended, outcome, paused from, as of, its part of those due in June
    ("05-02", "06-10", "06-07", "early", None, "06-30", "cohort_on_time"),
    ("06-02", "06-10", "06-12", "late", None, "06-30", "cohort_late"),
    ("06-02", "06-10", "07-12", "late", None, "06-30", "cohort_late"),
    ("06-02", "06-10", None, None, None, "08-30", "cohort_late"),
    ("06-02", "06-10", None, None, "06-05", "08-30", "cohort_excluded"),
    ("06-02", "06-10", "06-09", "withdrawn", None, "08-30", "cohort_excluded"),
    ("06-02", "06-10", "06-09", "no_deadline", None, "08-30", "cohort_excluded"),
    ("06-02", "07-10", None, None, None, "08-30", None),
    ("06-02", "05-31", None, None, None, "08-30", None),
    ("06-02", None, None, None, None, "08-30", None),
]


@pytest.mark.parametrize(("received", "due", "ended", "outcome", "paused", "as_of", "part"), COHORT)
def test_the_cohort_count_of_a_dossier(
    received: str, due: str | None, ended: str | None, outcome: str | None,
    paused: str | None, as_of: str, part: str | None,
) -> None:  # fmt: skip
    pauses = [PausedInterval(moment(paused), None, True)] if paused else []
    dossier = Filed(at(received), at(due), at(ended), outcome)
    assert in_cohort_as(dossier, pauses, JUNE, moment(as_of)) == part


START, END = JUNE.start, JUNE.counted_until
INSTANT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("dossier", "names"),
    [
        (Filed(START, None, None, None), {"received_direct", "open_in_time", "open_no_deadline"}),
        (Filed(START - INSTANT, None, None, None), {"carried_over", "open_in_time", "open_no_deadline"}),
        (Filed(END, None, None, None), {"received_direct", "open_in_time", "open_no_deadline"}),
        (Filed(END + INSTANT, None, None, None), set()),
        (Filed(at("05-20"), None, START, "no_deadline"), {"carried_over", "no_deadline"}),
        (Filed(at("05-20"), None, START - INSTANT, "no_deadline"), set()),
        (Filed(at("05-20"), END, END, "on_time"), {"carried_over", "on_time"}),
        (Filed(at("05-20"), END, END + INSTANT, "late"), {"carried_over", "open_in_time", "due_soon"}),
        (Filed(at("05-20"), END - INSTANT, None, None), {"carried_over", "open_overdue"}),
        (Filed(at("06-03"), END, None, None, reception_limit=at("06-02")),
         {"received_direct", "reception_late", "open_in_time", "due_soon"}),
        (Filed(None, None, END, None, reception_limit=START), set()),
        (Filed(None, None, END + INSTANT, None, reception_limit=START), {"reception_overdue"}),
        (Filed(None, None, None, None, reception_limit=END), set()),
        (Filed(at("07-02"), None, None, None, reception_limit=START), {"reception_overdue"}),
    ],
    ids=[
        "received at the first instant", "just before", "received at the last instant", "just after",
        "ended at the first instant", "ended just before", "ended at the last instant", "ended just after",
        "due just before the end", "received late", "refused at the last instant", "refused just after",
        "may wait until the end", "received after the end",
    ],
)  # fmt: skip
def test_the_edges_of_the_window(dossier: Filed, names: set[str]) -> None:
    assert set(counted_as(dossier, [], JUNE)) == names


@pytest.mark.parametrize(
    ("start", "end", "state"),
    [
        (END, None, "paused_in_time"),
        (END + INSTANT, None, "open_in_time"),
        (START, END, "open_in_time"),
        (START, END + INSTANT, "paused_in_time"),
    ],
    ids=["begins at the end", "begins just after", "ends at the end", "ends just after"],
)
def test_the_edges_of_a_pause(start: datetime, end: datetime | None, state: str) -> None:
    dossier = Filed(at("06-03"), None, None, None)
    assert state in counted_as(dossier, [PausedInterval(start, end, True)], JUNE)


@pytest.mark.parametrize(
    ("due", "counts"), [(END, True), (END + INSTANT, False)], ids=["due at the horizon", "due just after"]
)
def test_a_horizon_counts_what_is_due_by_it(due: datetime, counts: bool) -> None:
    window = CountWindow(START, at("06-10") or END, END, END)
    assert ("due_by_horizon" in counted_as(Filed(at("06-03"), due, None, None), [], window)) == counts


@pytest.mark.parametrize(
    ("dossier", "part"),
    [
        (Filed(START, START, None, None), "cohort_late"),
        (Filed(START, START - INSTANT, None, None), None),
        (Filed(START, END, None, None), "cohort_late"),
        (Filed(START, END + INSTANT, None, None), None),
        (Filed(END, END, END, "on_time"), "cohort_on_time"),
        (Filed(START, END, END + INSTANT, "on_time"), "cohort_late"),
        (Filed(END + INSTANT, END, None, None), None),
        (Filed(None, END, None, None), None),
        (Filed(START, END, END, None), "cohort_excluded"),
    ],
    ids=[
        "due at the first instant", "due just before", "due at the last instant", "due just after",
        "ended at the moment asked about", "ended just after", "received just after", "never received", "no outcome",
    ],
)  # fmt: skip
def test_the_edges_of_a_cohort(dossier: Filed, part: str | None) -> None:
    assert in_cohort_as(dossier, [], JUNE, END) == part


def test_reception_is_overdue_until_it_is_answered() -> None:
    waiting = Filed(None, None, None, None, reception_limit=moment("06-20"))
    assert counted_as(waiting, [], JUNE) == ["reception_overdue"]


@pytest.mark.parametrize(
    ("received", "ended", "names"),
    [
        pytest.param("06-03", None, ["merged"], id="open"),
        pytest.param("05-20", "06-02", ["merged"], id="ended-in-the-period"),
        pytest.param("05-20", "05-31", [], id="ended-before-it"),
        pytest.param("07-01", None, [], id="received-after-it"),
    ],
)
def test_a_merged_dossier_is_in_no_other_count(received: str, ended: str | None, names: list[str]) -> None:
    merged = Filed(None, at("06-10"), at(ended), "early" if ended else None, merged_received_at=at(received))
    assert counted_as(merged, [], JUNE) == names


def test_a_late_withdrawal_adds_to_withdrawn_and_to_withdrawn_late() -> None:
    dossier = Filed(at("06-03"), at("06-10"), at("06-19"), "withdrawn")
    assert [name for _, name in flows(dossier)] == ["received_direct", "withdrawn", "withdrawn_late"]


@pytest.mark.parametrize(
    ("told_until", "confirmed"), [(None, False), (moment("06-10"), False), (moment("06-10") + INSTANT, True)]
)
def test_overdue_is_confirmed_by_news_after_the_due_moment(told_until: datetime | None, confirmed: bool) -> None:
    counts = counted_as(Filed(at("06-03"), at("06-10"), None, None), [], JUNE, told_until)
    assert ("overdue_confirmed" in counts) == confirmed


def test_a_withdrawal_at_the_due_moment_is_not_late() -> None:
    dossier = Filed(at("06-03"), at("06-10"), at("06-10"), "withdrawn")
    assert [name for _, name in flows(dossier)] == ["received_direct", "withdrawn"]


OPENED = CountWindow(START, END, END, opened=moment("06-10"))


@pytest.mark.parametrize(
    ("received", "ended", "window", "is_merged"),
    [
        pytest.param(END, None, JUNE, True, id="received at the last instant"),
        pytest.param(END + INSTANT, None, JUNE, False, id="received just after"),
        pytest.param(at("05-20"), START, JUNE, True, id="ended at the first instant"),
        pytest.param(at("05-20"), START - INSTANT, JUNE, False, id="ended just before"),
        pytest.param(at("05-20"), at("06-10"), OPENED, True, id="ended at the start for merged ones"),
        pytest.param(at("05-20"), at("06-09"), OPENED, False, id="ended before the start for merged ones"),
    ],
)
def test_the_edges_of_merged(
    received: datetime | None, ended: datetime | None, window: CountWindow, is_merged: bool
) -> None:
    merged = Filed(None, None, ended, None, merged_received_at=received)
    assert ("merged" in counted_as(merged, [], window)) == is_merged


@pytest.mark.parametrize(
    ("ended", "lateness", "counts"),
    [
        (START, 6, ["late_moved", "told_late"]),
        (END, 1, ["late_paused"]),
        (START - INSTANT, 1, []),
        (END + INSTANT, 1, []),
        (None, 1, []),
        (START, 0, []),
        (START, None, []),
    ],
    ids=["at the first instant", "at the last", "just before", "just after", "open", "nothing said", "not worked out"],
)
def test_what_is_counted_beside_the_outcome_of_a_dossier_that_ended_in_the_window(
    ended: datetime | None, lateness: int | None, counts: list[str]
) -> None:
    assert lateness_as(Filed(at("05-20"), None, ended, None, lateness=lateness), JUNE) == counts
