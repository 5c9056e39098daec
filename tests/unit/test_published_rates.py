"""Every published rate comes out of its formula as printed, and the domain's numbers are exact."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.statistics.counts import Counts
from service.domain.statistics.formulas import FORMULAS, find, rates_of
from service.domain.statistics.rounding import exact, percent, ratio, score

ROWS = json.loads((Path(__file__).parent.parent / "data" / "published-rates.json").read_text())["rates"]


def counts_for(formula: str, rate: str, numerator: int, denominator: int) -> Counts:
    """Make counts whose rate has this numerator and denominator."""
    rest = denominator - numerator
    good, bad = (rest, numerator) if rate == "late" else (numerator, rest)
    match formula:
        case "timed" | "resolved" | "due":
            return Counts(early=good, late=bad)
        case "workload":
            return Counts(carried_over=denominator, early=good, late=bad)
        case "national":
            return Counts(on_time=good, paused_overdue=bad)
        case "received":
            return Counts(received_online=denominator, on_time=good)
        case "completion":
            return Counts(received_direct=denominator, early=numerator)
    raise AssertionError(formula)


def plain(printed: str) -> str:
    """Read a printed number as the file's note says: comma to dot, no trailing zeros."""
    text = printed.rstrip("%").replace(",", ".")
    return text.rstrip("0").rstrip(".") if "." in text else text


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['case']}-{row['formula']}-{row['rate']}")
def test_a_published_rate_comes_out_as_printed(row: dict[str, Any]) -> None:
    above, below, decimals = row["numerator"], row["denominator"], row["decimals"]
    if row["formula"] == "share_of_resolved":  # shares of one outcome: given for the counts, no formula of ours
        text = percent(above, below, decimals, honest_ends=False)
    else:
        formula = find(row["formula"])
        assert formula is not None
        rate = "on_time" if row["rate"] == "score" else row["rate"]
        rates = rates_of(counts_for(row["formula"], rate, above, below), formula, decimals, honest_ends=False)
        assert (rates.rates[rate].numerator, rates.rates[rate].denominator) == (above, below)
        text = rates.score if row["rate"] == "score" else rates.rates[rate].percent
    assert plain(text or "–") == plain(row["printed"])


@pytest.mark.parametrize(
    ("numerator", "denominator", "decimals", "honest", "printed"),
    [
        (1, 8, 0, True, "13"),
        (1, 16, 1, True, "6.3"),
        (41049, 41075, 1, True, "99.9"),
        (41074, 41075, 1, True, "99.9"),
        (41074, 41075, 1, False, "100.0"),
        (1, 41075, 1, True, "0.1"),
        (1, 41075, 1, False, "0.0"),
        (7, 7, 2, True, "100.00"),
        (0, 7, 2, True, "0.00"),
        (0, 0, 1, True, None),
        (9, 8, 1, True, "112.5"),
        (1, 2, 0, True, "50"),
    ],
)
def test_rounding(numerator: int, denominator: int, decimals: int, honest: bool, printed: str | None) -> None:
    assert percent(numerator, denominator, decimals, honest) == printed


@given(st.integers(0, 10**9), st.integers(1, 10**9), st.integers(0, 2), st.booleans())
def test_rounding_is_exact_half_up_with_honest_ends(above: int, below: int, decimals: int, honest: bool) -> None:
    text = percent(above, below, decimals, honest)
    assert text is not None
    step, exact = Fraction(1, 10**decimals), Fraction(100 * above, below)
    halves_up = (exact / step + Fraction(1, 2)) // 1 * step
    if honest:
        if above < below:
            halves_up = min(halves_up, 100 - step)
        if above > 0:
            halves_up = max(halves_up, step)
        if above > below:
            halves_up = max(halves_up, Fraction(100))
    assert (Fraction(text), len(text.partition(".")[2])) == (halves_up, decimals)


@given(st.lists(st.integers(0, 1000), min_size=23, max_size=23))
def test_on_time_and_late_share_a_denominator_and_make_it_up(numbers: list[int]) -> None:
    counts = Counts(*numbers)
    for name in ("timed/1", "due/1", "national/1", "cohort/1"):
        rates = rates_of(counts, FORMULAS[name]).rates
        assert rates["on_time"].denominator == rates["late"].denominator
        assert rates["on_time"].numerator + rates["late"].numerator == rates["late"].denominator


def test_the_score_is_twenty_times_the_ratio() -> None:
    assert (score(528684, 597918), score(0, 2), score(1, 1), score(0, 0)) == ("17.68", "0.00", "20.00", None)


@pytest.mark.parametrize(("honest", "printed"), [(True, "19.99"), (False, "20.00")])
def test_the_ends_of_a_score_are_honest_where_asked(honest: bool, printed: str) -> None:
    assert score(41074, 41075, honest_ends=honest) == printed


@pytest.mark.parametrize(("numerator", "denominator"), [(-1, 2), (1, -2)])
def test_a_ratio_of_counts_is_never_negative(numerator: int, denominator: int) -> None:
    with pytest.raises(ValueError, match=r"^a ratio of counts is never negative$"):
        percent(numerator, denominator)


@pytest.mark.parametrize(("numerator", "denominator", "value"), [(1, 4, 0.25), (0, 4, 0.0), (1, 0, None)])
def test_a_ratio_to_draw_has_no_value_without_a_denominator(
    numerator: int, denominator: int, value: float | None
) -> None:
    assert ratio(numerator, denominator) == value


@pytest.mark.parametrize(
    ("numerator", "denominator", "value"),
    [(1, 3, Fraction(1, 3)), (0, 3, Fraction(0)), (1, 0, None), (None, 3, None), (1, None, None)],
)
def test_a_ratio_to_sort_by_is_exact_and_unknown_without_both_counts(
    numerator: int | None, denominator: int | None, value: Fraction | None
) -> None:
    assert exact(numerator, denominator) == value
