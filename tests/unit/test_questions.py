"""A question and its answer: what follows from what was asked, and how a question that has no answer is refused."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from service.domain.calendar.periods import PeriodCalendar, free_period
from service.domain.statistics.counts import COHORT, FIELD_NAMES, PUBLISHED, Counts
from service.domain.statistics.formulas import FORMULAS
from service.domain.statistics.questions import (
    Filters,
    GroupCounts,
    GroupKey,
    Question,
    Report,
    TooManyGroups,
    UnknownFilter,
    UnknownUnit,
)
from service.domain.units import Unit

NOW = datetime(2024, 6, 30, 20, tzinfo=UTC)  # 1 July in Viet Nam
QUESTION = Question("H23", free_period(date(2024, 5, 20), date(2024, 7, 10)), NOW)
COUNTS = Counts(early=3, on_time=1, late=1, open_in_time=2, paused_overdue=5)


def report(question: Question = QUESTION, updated_at: datetime | None = NOW) -> Report:
    return Report(question, Unit("H23", "Hải Dương"), COUNTS, updated_at)


@pytest.mark.parametrize(
    ("filters", "named"),
    [
        (Filters(), {}),
        (Filters(level="commune"), {}),
        (Filters(2, "DD", "1.001193"), {"channel": 2, "field": "DD", "procedure": "1.001193"}),
    ],
)
def test_a_filter_on_dossiers_has_its_name(filters: Filters, named: dict[str, int | str]) -> None:
    assert filters.of_dossiers() == named


@pytest.mark.parametrize(
    ("interval", "group_by", "with_intervals"),
    [(None, (), False), ("wilson", (), True), (None, ("unit",), True), (None, ("field",), False)],
)
def test_intervals_come_on_request_and_where_units_are_compared(
    interval: str | None, group_by: tuple[str, ...], with_intervals: bool
) -> None:
    assert replace(QUESTION, interval=interval, group_by=group_by).with_intervals is with_intervals


@pytest.mark.parametrize(("structure", "day"), [("historic", None), ("current", date(2024, 7, 1))])
def test_the_current_structure_is_that_of_the_local_day(structure: str, day: date | None) -> None:
    assert replace(QUESTION, structure=structure).current_on == day


@pytest.mark.parametrize(("names", "asked"), [(["timed/1"], False), (["timed/1", "cohort/1"], True)])
def test_one_formula_is_enough_to_ask_for_the_cohort(names: list[str], asked: bool) -> None:
    assert replace(QUESTION, formulas=tuple(FORMULAS[name] for name in names)).with_cohort is asked


def test_days_go_to_the_last_one_that_is_counted() -> None:
    days = QUESTION.buckets("day", date(2024, 5, 22))
    assert [str(day.first) for day in days] == ["2024-05-20", "2024-05-21", "2024-05-22"]


@pytest.mark.parametrize(
    ("calendar", "days"),
    [
        ("civil", ["2024-05-20 2024-05-31", "2024-06-01 2024-06-20"]),
        ("reporting", ["2024-05-20 2024-06-14", "2024-06-15 2024-06-20"]),
    ],
)
def test_months_are_those_of_the_calendar_that_was_asked_for(calendar: str, days: list[str]) -> None:
    question = replace(QUESTION, calendar=PeriodCalendar.parse(calendar))
    assert [f"{month.first} {month.last}" for month in question.buckets("month", date(2024, 6, 20))] == days


@pytest.mark.parametrize(
    ("decimals", "honest", "printed"), [(1, True, "99.9"), (1, False, "100.0"), (2, True, "99.99")]
)
def test_rates_are_printed_as_asked(decimals: int, honest: bool, printed: str) -> None:
    rates = replace(QUESTION, decimals=decimals, honest_ends=honest).rates(Counts(early=99_999, late=1))
    assert [one.headline.percent for one in rates] == [printed]


@pytest.mark.parametrize(
    ("sent", "split_known", "formula", "parts"),
    [
        (True, True, "due/1", (4, 5)),
        (True, False, "timed/1", (4, 5)),
        (True, False, "due/1", (0, 0)),
        (False, True, "timed/1", (0, 0)),
    ],
)
def test_a_group_has_a_rate_where_every_count_of_it_is_known(
    sent: bool, split_known: bool, formula: str, parts: tuple[int, int]
) -> None:
    group = GroupCounts(GroupKey("H23", None), COUNTS, 0, split_known, sent)
    assert group.headline_parts(FORMULAS[formula]) == parts


def test_the_whole_is_a_group_of_the_unit() -> None:
    assert report().total == GroupCounts(GroupKey("H23", "Hải Dương"), COUNTS, 7)


def test_the_rates_of_an_answer_are_those_of_the_whole() -> None:
    assert [one.headline.percent for one in report().rates] == ["80.0"]


@pytest.mark.parametrize(
    ("updated_at", "is_stale"),
    [(None, True), (NOW - timedelta(days=2), False), (NOW - timedelta(days=2, microseconds=1), True)],
)
def test_data_are_stale_when_they_are_older_than_asked(updated_at: datetime | None, is_stale: bool) -> None:
    assert report(updated_at=updated_at).stale(timedelta(days=2)) is is_stale


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("field", "Không có lĩnh vực 'DD' (no such field)"),
        ("procedure", "Không có thủ tục 'DD' (no such procedure)"),
    ],
)
def test_a_filter_that_nothing_names_is_refused(name: str, told: str) -> None:
    refused = UnknownFilter(name, "DD")
    assert (str(refused), refused.errors) == (f"{name}: {told}", {name: [told]})


def test_of_a_long_filter_the_beginning_is_told() -> None:
    assert f"{'x' * 60!r}" in str(UnknownFilter("field", "x" * 61))


def test_more_cells_than_an_answer_may_have_are_refused() -> None:
    told = "Quá 10000 ô; hãy rút ngắn kỳ hoặc lọc (more cells than that; shorten the period, or filter)"
    assert (str(TooManyGroups()), TooManyGroups().errors) == (f"group_by: {told}", {"group_by": [told]})


def test_an_unknown_unit_is_refused_with_where_to_look() -> None:
    assert str(UnknownUnit("Z9")) == (
        "Không có đơn vị 'Z9'; xem /api/v1/units hoặc `units list` (no such unit; see the list)"
    )


def test_an_unknown_unit_is_told_by_its_field() -> None:
    assert UnknownUnit("Z9").errors == {"unit": ["Không có đơn vị 'Z9' (no unit 'Z9')"]}


def test_of_a_long_code_the_beginning_is_told() -> None:
    assert f"{'X' * 40!r};" in str(UnknownUnit("X" * 41))


def test_of_a_long_code_the_beginning_is_told_by_its_field() -> None:
    assert f"{'X' * 40!r})" in str(UnknownUnit("X" * 41).errors)


@pytest.mark.parametrize(("cohort", "more"), [(False, ()), (True, COHORT)])
def test_the_counts_of_the_cohort_come_behind_the_others_on_request(cohort: bool, more: tuple[str, ...]) -> None:
    assert tuple(COUNTS.as_dict(cohort)) == (*PUBLISHED, *more)


def test_each_count_is_published_under_its_name() -> None:
    assert COUNTS.as_dict(cohort=True) == {name: getattr(COUNTS, name) for name in (*PUBLISHED, *COHORT)}


def test_counts_add_up_one_by_one() -> None:
    numbers = range(len(FIELD_NAMES))
    assert Counts(*numbers) + Counts(*reversed(numbers)) == Counts(*[len(FIELD_NAMES) - 1] * len(FIELD_NAMES))
