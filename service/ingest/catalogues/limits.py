"""Time limits as clerks write them: an amount, with its unit beside it or in the same cell."""

import re
from datetime import timedelta
from fractions import Fraction

from service.domain.calendar.work_calendar import OfficeHours
from service.domain.procedures import MAX_AMOUNT, LimitUnit, TimeLimit
from service.domain.vietnamese_text import search_key
from service.ingest.catalogues.lines import CatalogueLine

_AMOUNT = re.compile(r"(\d{1,6})(?:[.,](\d{1,4}))?\s*(.*)", re.ASCII | re.DOTALL)
_UNITS: dict[LimitUnit, tuple[str, ...]] = {
    LimitUnit.WORKING_DAY: ("ngày làm việc", "ngày lv", "ngày công", "working days"),
    LimitUnit.CALENDAR_DAY: ("ngày", "ngày lịch", "ngày thường", "ngày dương lịch", "calendar days"),
    LimitUnit.WORKING_HOUR: ("giờ làm việc", "giờ", "giờ hành chính", "giờ lv", "working hours"),
    LimitUnit.MONTH: ("tháng", "tháng lịch", "months"),
}
_WORDS = {search_key(word): unit for unit, words in _UNITS.items() for word in (unit, unit.replace("_", " "), *words)}
_LARGER = {"tuan": (LimitUnit.CALENDAR_DAY, 7), "nam": (LimitUnit.MONTH, 12)}
"""Units that are counted in others: a week (tuần) is 7 days, a year (năm) 12 months."""
_HALF_MONTH = 15
"""Half a month is 15 days (Civil Code 2015, art. 146)."""
_TOGETHER = "limit_amount, limit_unit: phải đi cùng nhau, hoặc 5 ngày làm việc trong một ô (go together)"


def read_limit(line: CatalogueLine, hours: OfficeHours) -> TimeLimit | None:
    """Return the time limit of a line, None when it gives none; ValueError names what is wrong.

    A half is taken of a working day, which becomes office hours (0,5 ngày làm việc is 4 giờ làm việc), and of a month,
    which is 15 days. Other halves are refused.
    """
    written, beside = line.text("limit_amount"), line.text("limit_unit")
    if written is None:
        if beside is not None:
            raise ValueError(_TOGETHER)
        return None
    parts = _AMOUNT.fullmatch(written)
    if parts is None:
        raise ValueError(f"limit_amount: {written[:40]!r} phải là số từ 1, hoặc như 5 ngày làm việc (must be a number)")
    whole, decimals, within = parts.groups()
    unit, factor = _unit(within or beside)
    if within and beside and _unit(beside) != (unit, factor):
        raise ValueError("limit_unit: khác với đơn vị ghi trong limit_amount (differs from the unit in limit_amount)")
    amount = Fraction(f"{whole}.{decimals or 0}") * factor
    return _limit(amount, unit, hours, written)


def _unit(written: str | None) -> tuple[LimitUnit, int]:
    if written is None:
        raise ValueError(_TOGETHER)
    word = search_key(written)
    if word in _LARGER:
        return _LARGER[word]
    if word not in _WORDS:
        known = ", ".join(f"{unit} ({words[0]})" for unit, words in _UNITS.items())
        raise ValueError(f"limit_unit: không hiểu {written[:40]!r}; dùng một trong (use one of): {known}, tuần, năm")
    return _WORDS[word], 1


def _limit(amount: Fraction, unit: LimitUnit, hours: OfficeHours, written: str) -> TimeLimit:
    if amount.denominator != 1:
        amount, unit = _in_smaller_units(amount, unit, hours, written)
    if not 1 <= amount <= MAX_AMOUNT:
        raise ValueError(f"limit_amount: {written[:40]!r} phải từ 1 đến {MAX_AMOUNT} (must be from 1 to {MAX_AMOUNT})")
    return TimeLimit(int(amount), unit)


def _in_smaller_units(
    amount: Fraction, unit: LimitUnit, hours: OfficeHours, written: str
) -> tuple[Fraction, LimitUnit]:
    """Return a part of a working day in office hours, or half a month in days; ValueError for other parts."""
    if unit is LimitUnit.MONTH and amount == Fraction(1, 2):
        return Fraction(_HALF_MONTH), LimitUnit.CALENDAR_DAY
    day = Fraction(hours.day_length / timedelta(hours=1)).limit_denominator(3600)
    if unit is LimitUnit.WORKING_DAY and (amount * day).denominator == 1:
        return amount * day, LimitUnit.WORKING_HOUR
    raise ValueError(
        f"limit_amount: {written[:40]!r} không phải số nguyên; ghi bằng đơn vị nhỏ hơn, ví dụ 4 giờ làm việc"
        " (not a whole number; give it in a smaller unit)"
    )
