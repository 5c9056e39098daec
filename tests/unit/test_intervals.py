"""Wilson intervals, funnel limits and ranks, against values worked out elsewhere."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.statistics.intervals import FunnelLimits, Interval, funnel_limits, position, rank_ranges, wilson
from service.domain.statistics.rounding import half_up


def printed(interval: Interval | None) -> tuple[str, ...] | None:
    return interval and tuple(half_up(Fraction(100 * end), 1) for end in interval)


# 10/10 is TRUTH's own; 81/263 is Newcombe 1998, table I, method 3, as are 15/148, 0/20 and 1/29.
WILSON = {
    "all of ten": (10, 10, ("72.2", "100.0")),
    "newcombe 81/263": (81, 263, ("25.5", "36.6")),
    "newcombe 15/148": (15, 148, ("6.2", "16.0")),
    "newcombe 0/20": (0, 20, ("0.0", "16.1")),
    "newcombe 1/29": (1, 29, ("0.6", "17.2")),
    "nothing": (0, 0, None),
    "more than the whole": (12, 10, None),
}


@pytest.mark.parametrize(("numerator", "denominator", "wanted"), WILSON.values(), ids=WILSON.keys())
def test_an_interval_is_wilson_s(numerator: int, denominator: int, wanted: tuple[str, str] | None) -> None:
    assert printed(wilson(numerator, denominator)) == wanted


@given(st.integers(1, 10**7).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_rate_lies_within_its_interval(parts: tuple[int, int]) -> None:
    interval = wilson(*parts)
    assert interval and interval.low <= Decimal(parts[0]) / parts[1] <= interval.high


# p = 90 %: one standard error of 100 dossiers is 3 points
POSITIONS = {
    "at the whole's rate": (90, 100, "expected"),
    "5.88 points below is by chance": (85, 100, "expected"),
    "6 points below is low": (84, 100, "low"),
    "10 points below is very low": (80, 100, "very_low"),
    "6 points above is high": (96, 100, "high"),
    "10 points above is very high": (100, 100, "very_high"),
}


@pytest.mark.parametrize(("numerator", "denominator", "wanted"), POSITIONS.values(), ids=POSITIONS.keys())
def test_a_unit_stands_in_the_funnel(numerator: int, denominator: int, wanted: str) -> None:
    limits = funnel_limits(9000, 10000, denominator)
    assert limits and position(numerator, denominator, limits) == wanted


def test_a_funnel_is_wider_for_fewer_dossiers() -> None:
    few, many = (funnel_limits(9, 10, dossiers) for dossiers in (10, 1000))
    assert few and many and printed(few.usual) == ("71.4", "100.0") and printed(many.rare) == ("87.1", "92.9")


RANKS = {
    "apart": ([(0, 1000), (500, 1000), (1000, 1000)], [(3, 3), (2, 2), (1, 1)]),
    "overlapping share a range": ([(9, 10), (8, 10), (0, 1000)], [(1, 2), (1, 2), (3, 3)]),
    "one without a rate has none": ([(9, 10), (0, 0)], [(1, 1), None]),
}


@pytest.mark.parametrize(("rates", "wanted"), RANKS.values(), ids=RANKS.keys())
def test_a_rank_is_as_fine_as_intervals_allow(
    rates: list[tuple[int, int]], wanted: list[tuple[int, int] | None]
) -> None:
    assert rank_ranges([wilson(*rate) for rate in rates]) == wanted


@pytest.mark.parametrize(("numerator", "denominator", "dossiers"), [(0, 0, 5), (1, 2, 0), (3, 2, 5)])
def test_without_a_whole_or_dossiers_there_is_no_funnel(numerator: int, denominator: int, dossiers: int) -> None:
    assert funnel_limits(numerator, denominator, dossiers) is None


@pytest.mark.parametrize(("numerator", "denominator", "dossiers"), [(0, 10, 5), (10, 10, 5), (1, 1, 5), (1, 2, 1)])
def test_a_funnel_may_be_of_one_dossier_and_around_0_or_1(numerator: int, denominator: int, dossiers: int) -> None:
    assert funnel_limits(numerator, denominator, dossiers) is not None


EDGES = {80: "expected", 90: "expected", 79: "low", 91: "high", 70: "low", 95: "high", 69: "very_low", 96: "very_high"}


@pytest.mark.parametrize(("percent", "wanted"), EDGES.items())
def test_a_rate_on_a_funnel_limit_lies_within_it(percent: int, wanted: str) -> None:
    usual, rare = (Interval(Decimal(low), Decimal(high)) for low, high in (("0.8", "0.9"), ("0.7", "0.95")))
    assert position(percent, 100, FunnelLimits(usual, rare)) == wanted


@pytest.mark.parametrize("denominator", [1, 3, 22, 23])
def test_the_lower_end_without_one_dossier_is_exactly_0(denominator: int) -> None:
    interval = wilson(0, denominator)
    assert interval is not None and interval.low == 0
