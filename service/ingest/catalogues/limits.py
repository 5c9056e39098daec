"""Time limits as clerks write them: an amount, with its unit beside it or in the same cell."""

import re
from datetime import timedelta
from fractions import Fraction

from service.domain.calendar.work_calendar import OfficeHours
from service.domain.procedures import MAX_AMOUNT, LimitUnit, TimeLimit
from service.domain.vietnamese_text import search_key
from service.formats.messages import told
from service.ingest.catalogues.lines import WORDS, CatalogueLine

_AMOUNT = re.compile(r"(\d{1,6})(?:[.,](\d{1,4}))?\s*(.*)", re.ASCII | re.DOTALL)
_UNITS = {LimitUnit(unit): words for unit, words in WORDS["limit_units"].items()}
_WORDS = {search_key(word): unit for unit, words in _UNITS.items() for word in (unit, unit.replace("_", " "), *words)}
_LARGER = {"tuan": (LimitUnit.CALENDAR_DAY, 7), "nam": (LimitUnit.MONTH, 12)}
"""Words for units that no TimeLimit has: a week (tuần) is 7 days, a year (năm) 12 months."""
_HALF_MONTH = 15
"""Half a month is 15 days (Civil Code 2015, art. 146)."""
_AROUND = re.compile(
    r"^(không quá|tối đa|trong vòng|trong thời hạn|trong)\s+(?=\d)|\([^()]*\)|[,;]?\s*(kể )?từ (ngày|khi|lúc)\b.*",
    re.IGNORECASE | re.DOTALL,
)
"""Words around a time limit that do not change it: `Không quá 10 (mười) ngày làm việc kể từ ngày nhận đủ hồ sơ`."""
_NO_LIMIT = set(map(search_key, WORDS["no_limit"]))


def read_limit(line: CatalogueLine, hours: OfficeHours) -> TimeLimit | None:
    """Return the time limit of a line, None when it gives none; ValueError names what is wrong.

    Part of a working day becomes office hours (0,5 ngày làm việc is 4 giờ làm việc); half a month is 15 days. Other
    fractions are refused. `Không quy định` is no limit, and noted.
    """
    written, beside = line.text("limit_amount"), line.text("limit_unit")
    if written is None or search_key(written).strip("-–. ") in _NO_LIMIT:
        if written is not None:
            line.notes.append(line.at(told("no_limit", shown=f"“{written}”")))
        elif beside is not None:
            raise line.wrong("limit_amount", "limit_together")
        return None
    parts = _AMOUNT.fullmatch(" ".join(_AROUND.sub(" ", written).split()))
    if parts is None:
        raise line.wrong("limit_amount", "no_amount")
    whole, decimals, within = parts.groups()
    unit, factor = _unit(within, line, "limit_amount") if within else _unit(beside, line, "limit_unit")
    if within and beside and _unit(beside, line, "limit_unit") != (unit, factor):
        raise line.wrong("limit_unit", "other_unit")
    amount = Fraction(f"{whole}.{decimals or 0}") * factor
    day = Fraction(hours.day_length // timedelta(seconds=1), 3600)
    if amount.denominator != 1:
        amount, unit = _in_smaller_units(amount, unit, day, line)
    if search_key(within or beside or "") in ("h", "gio") and amount > day:  # hours of work, or of the clock?
        days = f"{float(amount / day):.4g}".replace(".", ",")
        line.notes.append(line.at(told("working_hours", shown=written, days=days)))
    if not 1 <= amount <= MAX_AMOUNT:
        raise line.wrong("limit_amount", "amount_out_of_range", most=MAX_AMOUNT)
    return TimeLimit(int(amount), unit)


def _unit(written: str | None, line: CatalogueLine, name: str) -> tuple[LimitUnit, int]:
    if written is None:
        raise line.wrong("limit_amount", "limit_together")
    word = search_key(written)
    if word in _LARGER:
        return _LARGER[word]
    if word not in _WORDS:
        known = ", ".join(f"{words[0]} ({unit})" for unit, words in _UNITS.items())
        raise line.wrong(name, "unknown_unit", shown=written[:40], words=known)
    return _WORDS[word], 1


def _in_smaller_units(
    amount: Fraction, unit: LimitUnit, day: Fraction, line: CatalogueLine
) -> tuple[Fraction, LimitUnit]:
    """Return a part of a working day in office hours, or half a month in days; ValueError for other parts."""
    if unit is LimitUnit.MONTH and amount == Fraction(1, 2):
        return Fraction(_HALF_MONTH), LimitUnit.CALENDAR_DAY
    if unit is LimitUnit.WORKING_DAY and (amount * day).denominator == 1:
        return amount * day, LimitUnit.WORKING_HOUR
    raise line.wrong("limit_amount", "not_whole")
