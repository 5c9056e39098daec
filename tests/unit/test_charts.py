"""Charts: axes that say where they begin, and nothing that happened left out of sight."""

from typing import Any

import pytest

from service.pages.charts.bars import histogram
from service.pages.charts.funnel import funnel
from service.pages.charts.trend import trend
from service.reporting.portal.axes import count_ticks, dot, ends, percent_ticks, scale


def group(in_time: int, late: int, overdue: int | None = None, position: str = "expected") -> dict[str, Any]:
    whole = in_time + late
    return {
        "key": {"code": f"U{whole}", "name": None},
        "rate": {"numerator": in_time, "denominator": whole},
        "percent": "…",
        "counts": {"late": late, "open_overdue": overdue},
        "funnel": {"position": position},
    }


@pytest.mark.parametrize(
    ("rates", "lowest", "highest"),
    [
        ([99.9, 100], 99, 100),
        ([97], 95, 100),
        ([76.9, 99], 75, 100),
        ([12], 0, 100),
        ([], 0, 100),
        ([80, 130], 50, 150),
    ],
    ids=["near-100", "97", "76.9", "12", "none", "above-100"],
)
def test_an_axis_holds_every_rate_and_no_more_than_it_needs(rates: list[float], lowest: float, highest: float) -> None:
    ticks = percent_ticks(rates)
    assert (ticks[0], ticks[-1]) == (lowest, highest)


@pytest.mark.parametrize(("most", "top"), [(0, 1), (4, 4), (5, 5), (7, 8), (26, 30), (9434, 10000)])
def test_counts_are_labelled_in_round_numbers_from_0(most: int, top: int) -> None:
    assert (count_ticks(most)[0], count_ticks(most)[-1]) == (0, top)


def test_rates_of_few_dossiers_do_not_stretch_an_axis_and_stand_at_its_edge() -> None:
    rates = [{"numerator": 99, "denominator": 100}, {"numerator": 1, "denominator": 2}]
    assert ends(rates) == (99, 100)
    assert [dot(rate, ends(rates)) for rate in rates] == [{"at": 0}, {"at": 0}]


def test_an_interval_stands_on_the_axis_of_its_rate() -> None:
    rate = {"numerator": 3, "denominator": 4, "interval": {"low": "60.0", "high": "90.0"}}
    assert dot(rate, (50, 100)) == {"at": 50, "low": 20, "high": 80}


def test_what_lies_outside_an_axis_stands_at_its_edge() -> None:
    assert scale(0, 100, 10, 20)(250) == 20


def test_one_late_dossier_beside_ten_thousand_is_still_seen() -> None:
    chart = trend([group(100, 10000), group(100, 1)], [], ["01", "02"], None)
    assert [box.height >= 2 for box in chart["columns"]] == [True, True]


def test_a_bucket_without_a_rate_breaks_the_line() -> None:
    chart = trend([group(1, 0), group(0, 0), group(1, 0)], [], ["01", "02", "03"], None)
    assert (len(chart["points"]), chart["now"].count("M")) == (2, 2)


def test_what_is_overdue_now_stands_above_what_ended_late() -> None:
    late, overdue = trend([group(5, 5, 5)], [], ["01"], None)["columns"]
    assert (late.kind, overdue.kind) == ("late", "open_overdue")
    assert overdue.y + overdue.height == late.y


def test_the_newest_bucket_always_has_its_text() -> None:
    chart = trend([group(1, 0)] * 30, [], [str(n) for n in range(30)], None)
    assert (chart["times"][0].text, chart["times"][0].more) == ("29", False)


def test_thirteen_months_have_room_for_every_second_text_and_a_phone_for_four() -> None:
    times = trend([group(1, 0)] * 13, [], [str(n) for n in range(13)], None)["times"]
    assert [one.text for one in times] == ["12", "10", "8", "6", "4", "2", "0"]
    assert [one.text for one in times if not one.more] == ["12", "8", "4", "0"]


def test_a_funnel_names_what_lies_below_it() -> None:
    drawn = funnel([group(50, 50, position="very_low"), group(99, 1), group(980, 20)], (1129, 1200))
    assert drawn is not None
    assert [dot["name"] for dot in drawn["dots"]] == ["", "U100", ""]


def test_names_in_a_funnel_do_not_stand_on_each_other() -> None:
    near = [group(500, 100, position="low"), group(501, 101, position="low"), group(990, 10)]
    chart = funnel(near, (1991, 2202))
    assert chart is not None
    assert [dot["name"] for dot in chart["dots"]] == ["", "U602", ""]


def test_a_name_at_the_right_end_of_a_funnel_stands_left_of_its_dot() -> None:
    chart = funnel([group(900, 100, position="low"), group(99, 1), group(98, 2)], (1097, 1200))
    assert chart is not None
    assert [dot["leftward"] for dot in chart["dots"]] == [True, False, False]


def test_two_groups_are_no_funnel() -> None:
    assert funnel([group(9, 1), group(8, 2)], (17, 20)) is None


def test_a_histogram_marks_where_nine_of_ten_were_done() -> None:
    assert [box.kind for box in histogram([5, 3, 1, 1], 2)["columns"]] == ["usual", "usual", "marked", "usual"]
