"""Sentences made from numbers: the change since a year before, the lowest unit, how many are under their target."""

from fractions import Fraction
from operator import itemgetter

from service.domain.statistics.comparisons import change_in_points, unlike
from service.domain.statistics.formulas import Rate
from service.domain.statistics.intervals import SMALL
from service.domain.statistics.questions import GroupCounts, Report
from service.domain.statistics.rounding import half_up
from service.domain.statistics.targets import Measured
from service.reporting.words.numbers import number, percent


def change_text(change: Fraction, decimals: int, lang: str = "vi") -> str:
    """Return a change in words: "giảm 0,4 điểm phần trăm"; "giảm dưới 0,1 điểm phần trăm" for one that rounds to 0."""
    if not change:
        return "không đổi" if lang == "vi" else "unchanged"
    verb = ("tăng", "up") if change > 0 else ("giảm", "down")
    least = Fraction(1, 10**decimals)
    under = "" if 2 * abs(change) >= least else "dưới " if lang == "vi" else "under "
    size = under + half_up(least if under else abs(change), decimals).replace(".", "," if lang == "vi" else ".")
    return f"{verb[0]} {size} điểm phần trăm" if lang == "vi" else f"{verb[1]} {size} points"


def summary(report: Report, earlier: Report, measured: Measured | None, lang: str) -> str:
    """Sum up a report by unit: "95,5 %, giảm 0,4 điểm phần trăm …; thấp nhất: … 76,9 %"; "" for the rate alone."""
    whole = report.rates[0].headline
    if whole.percent is None:
        return ""
    units = [(group, report.question.rates(group.counts)[0].headline) for group in report.groups if group.sent]
    units = [(group, rate) for group, rate in units if rate.denominator]
    parts = [_change(report, earlier, lang)]
    rated = {report.unit.code, *(group.key.code for group, _ in units)}
    unrated = sum(group.key.code not in rated for group in report.groups)
    if len(units) > 1:
        parts += [_lowest(units, lang), _under(measured, unrated, lang) if measured else ""]
    sentence = "; ".join(part for part in parts if part)
    return "" if sentence == percent(whole.percent, lang) else f"{sentence}."


def _change(report: Report, earlier: Report, lang: str) -> str:
    now, then = report.rates[0].headline, earlier.rates[0].headline
    shown = percent(now.percent, lang)
    change = change_in_points(now, then)
    if change is None or unlike(report.coverage, earlier.coverage):
        return shown
    since = "so với cùng kỳ năm trước" if lang == "vi" else "on a year before"
    words = change_text(change, report.question.decimals, lang)
    printed = change_text(Fraction(now.percent or 0) - Fraction(then.percent or 0), report.question.decimals, lang)
    exact = "" if words == printed else "; tính trước khi làm tròn" if lang == "vi" else "; taken before rounding"
    return f"{shown}, {words} {since} ({percent(then.percent, lang)}{exact})"


def _lowest(units: list[tuple[GroupCounts, Rate]], lang: str) -> str:
    """Name the unit with the lowest rate among those with enough dossiers; "" when several share that rate."""
    large = [(Fraction(rate.numerator, rate.denominator), group, rate) for group, rate in units]
    large = sorted((entry for entry in large if entry[2].denominator >= SMALL), key=itemgetter(0))
    if len(large) < 2 or large[0][0] == large[1][0]:
        return ""
    _, group, rate = large[0]
    name = group.key.name or group.key.code
    return f"{'thấp nhất' if lang == 'vi' else 'lowest'}: {name} {percent(rate.percent, lang)}"


def _under(measured: Measured, unrated: int, lang: str) -> str:
    shown = "mục tiêu" if lang == "vi" else "target"
    if measured.percent is not None:
        shown = percent(str(measured.percent), lang)
    if not measured.missed:
        return f"không đơn vị nào dưới {shown}" if lang == "vi" else f"no unit under {shown}"
    share = f"{number(measured.missed, lang)}/{number(measured.met + measured.missed, lang)}"
    vi, en = ("%s đơn vị dưới %s", " (%s đơn vị chưa có tỷ lệ)"), ("%s units under %s", " (%s without a rate)")
    words = vi if lang == "vi" else en
    return words[0] % (share, shown) + (words[1] % number(unrated, lang) if unrated else "")
