"""A formula is the names of its counts: numbers, words and what it needs follow from them."""

import pytest

from service.domain.both_languages import Words
from service.domain.statistics.count_names import COUNT_NAMES
from service.domain.statistics.counts import Counts
from service.domain.statistics.formulas import FORMULAS, Formula, Ratio, Side, find, rates_of
from service.pages.labels import RATES
from service.schemas.answers.statistics import Rates
from service.schemas.answers.widget import WidgetRates

SAMPLE = Counts(early=5, on_time=3, late=2, no_deadline=1, withdrawn=4, withdrawn_late=1, stopped=2, stopped_late=2,
                open_in_time=7, open_overdue=6, paused_in_time=3, paused_overdue=1, received_online=20,
                carried_over=14, cohort_on_time=9, cohort_late=4, cohort_excluded=8)  # fmt: skip

NUMBERS = [
    # id, rate, above the line, below it
    ("timed/1", "on_time", 8, 10),
    ("timed/1", "late", 2, 10),
    ("resolved/1", "on_time", 8, 11),
    ("due/1", "on_time", 8, 16),
    ("due/1", "late", 8, 16),
    ("workload/1", "on_time", 26, 34),
    ("national/1", "on_time", 18, 27),
    ("national/2", "on_time", 21, 33),
    ("national/2", "late", 12, 33),
    ("cohort/1", "on_time", 9, 13),
    ("received/1", "late", 2, 20),
    ("completion/1", "resolved", 11, 34),
]


@pytest.mark.parametrize(("formula", "rate", "above", "below"), NUMBERS)
def test_a_side_adds_up_its_counts(formula: str, rate: str, above: int, below: int) -> None:
    shown = rates_of(SAMPLE, FORMULAS[formula]).rates[rate]
    assert (shown.numerator, shown.denominator) == (above, below)


def test_the_denominator_of_national_2_is_all_of_them() -> None:
    whole = rates_of(SAMPLE, FORMULAS["national/2"]).headline.denominator
    assert whole == SAMPLE.closed - SAMPLE.no_deadline + SAMPLE.in_progress


def test_a_minus_takes_a_count_away() -> None:
    assert Side("workload", "-late").value(SAMPLE) == 32


@pytest.mark.parametrize(
    ("side", "text", "vi", "en"),
    [
        (Side("late"), "late", "trễ hạn", "late"),
        (Side("early", "on_time"), "early + on_time", "trước hạn + đúng hạn", "early + on time"),
        (Side("workload", "-late"), "workload - late", "số hồ sơ xử lý − trễ hạn", "workload − late"),
        (
            Side("early", "on_time", "-late"),
            "early + on_time - late",
            "trước hạn + đúng hạn − trễ hạn",
            "early + on time − late",
        ),
    ],
)
def test_a_side_in_words(side: Side, text: str, vi: str, en: str) -> None:
    assert side.text == text
    assert side.in_words("vi") == vi
    assert side.in_words("en") == en


def test_an_explanation_is_the_division_and_the_note() -> None:
    assert FORMULAS["resolved/1"].explanation("vi") == (
        "(Trước hạn + đúng hạn) ÷ (đã giải quyết). Mẫu số gồm cả hồ sơ không có hạn trả."
    )


@pytest.mark.parametrize("formula", FORMULAS.values(), ids=lambda formula: formula.id)
def test_every_count_of_a_formula_has_a_name(formula: Formula) -> None:
    assert formula.names <= COUNT_NAMES.keys()


@pytest.mark.parametrize("formula", FORMULAS.values(), ids=lambda formula: formula.id)
def test_every_count_of_a_formula_is_counted(formula: Formula) -> None:
    assert all(hasattr(SAMPLE, name) for name in formula.names)


SPLIT = {"due/1", "workload/1", "national/1", "national/2"}


@pytest.mark.parametrize("formula", FORMULAS.values(), ids=lambda formula: formula.id)
def test_which_formulas_need_the_states_of_unfinished_dossiers(formula: Formula) -> None:
    assert formula.needs_split == (formula.id in SPLIT)


def test_a_new_formula_is_one_line() -> None:
    formula = Formula("mine/1", {"on_time": Ratio(Side("early"), Side("resolved"))}, Words("Trước hạn", "Early"))
    assert rates_of(SAMPLE, formula).headline.percent == "45.5"


@pytest.mark.parametrize(
    ("asked", "formula_id"),
    [("national", "national/1"), ("national/2", "national/2"), ("cohort", "cohort/1"), ("national/3", None)],
)
def test_a_name_without_its_version_is_version_1(asked: str, formula_id: str | None) -> None:
    formula = find(asked)
    assert (formula.id if formula else None) == formula_id


OVERDUE = [
    # formula, in time, overdue, is it said beside the rate?
    ("timed/1", 3, 7, True),
    ("timed/1", 98, 1, True),
    ("timed/1", 99, 1, False),  # 1 is not more than 1 % of 99 + 1
    ("timed/1", 0, 1, True),
    ("timed/1", 3, 0, False),
    ("resolved/1", 3, 7, True),
    ("due/1", 3, 7, False),  # its denominator has them
    ("completion/1", 3, 7, False),
    ("national/2", 3, 7, False),
]


@pytest.mark.parametrize(("formula", "in_time", "overdue", "said"), OVERDUE)
def test_the_overdue_are_told_beside_a_rate_of_finished_dossiers(
    formula: str, in_time: int, overdue: int, said: bool
) -> None:
    counts = Counts(on_time=in_time, open_overdue=overdue)
    assert rates_of(counts, FORMULAS[formula]).open_overdue == (overdue if said else None)


@pytest.mark.parametrize("formula", FORMULAS.values(), ids=FORMULAS.keys())
def test_every_rate_has_its_words_and_its_place_in_the_answers(formula: Formula) -> None:
    for places in (RATES, Rates().fields, WidgetRates().fields):
        assert set(formula.ratios) - set(places) == set()


TIMED = FORMULAS["timed/1"]


def test_only_an_honest_hundred_is_printed_unless_it_is_asked_for() -> None:
    counts = Counts(early=9_999, late=1)
    honest, plain = (rates_of(counts, TIMED, 1, asked) for asked in (True, False))
    headline = honest.formula.headline
    assert (str(honest.rates[headline].percent), str(plain.rates[headline].percent)) == ("99.9", "100.0")
    assert (honest.decimals, rates_of(counts, TIMED, 2).decimals) == (1, 2)


def test_every_formula_explains_itself_in_each_language_with_its_note() -> None:
    for formula in FORMULAS.values():
        for lang, note in formula.note._asdict().items():
            told = formula.explanation(lang)
            assert told.endswith(note) if note else told == told.strip()
            assert "None" not in told


@pytest.mark.parametrize(("honest", "points"), [(True, "19.99"), (False, "20.00")])
def test_only_an_honest_score_is_whole_unless_it_is_asked_for(honest: bool, points: str) -> None:
    formula = Formula("mine/1", {"on_time": Ratio(Side("early"), Side("resolved"))}, Words("", ""), points=20)
    assert rates_of(Counts(early=99_999, late=1), formula, 1, honest).score == points
