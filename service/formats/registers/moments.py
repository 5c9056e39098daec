"""Moments as clerks and their programs write them: the day before the month, local time unless there is an offset."""

import re
from datetime import date, datetime

from service.domain.calendar.local_time import VIETNAM
from service.domain.vietnamese_text import search_key
from service.formats.messages import told
from service.formats.national import to_rfc3339
from service.formats.registers.cells import BadValue, Reading
from service.formats.registers.cells import text as text_of
from service.formats.tables import Cell

_SECONDS = r"(?:\s*(?::|phut)\s*(?P<second>\d\d)(?P<fraction>[.,]\d{1,9})?)?"
_CLOCK = rf"(?P<hour>\d\d?)\s*(?::|h|g|gio)\s*(?:(?P<minute>\d\d?){_SECONDS}\s*(?:phut|p\b|'|giay)?)?"
_HALF = r"(?:\s*(?P<half>sa|ch|am|pm|a\.m\.|p\.m\.|sang|chieu|toi))?"
_DAY = r"(?P<first>\d\d?|\d{4})\s?[/\\.-]\s?(?P<month>\d\d?)\s?[/\\.-]\s?(?P<last>\d{4}|\d\d?)"
_BEFORE = r"(?:(?:buoi )?(?:sang|chieu|toi) )?(?:ngay )?"
_WRITTEN = re.compile(
    rf"{_BEFORE}{_DAY}(?:(?:\s*[,-]\s*|\s+luc\s+|\s+\(?|t){_CLOCK}{_HALF}\)?)?", re.IGNORECASE | re.ASCII
)
_CLOCK_FIRST = re.compile(rf"(?:luc )?{_CLOCK}{_HALF}\s*(?:,|-)?\s*(?:ngay)?\s*{_DAY}", re.IGNORECASE | re.ASCII)
_PARTS = ("first", "month", "last", "hour", "minute", "second", "fraction", "half")
_AFTERNOON = frozenset({"ch", "pm", "p.m.", "chieu", "toi"})
_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_WEEKDAY = re.compile(r"(?:^|[\s,(-]+)(?:(?:thu|t)\s?(hai|ba|tu|nam|sau|bay|[2-7])|chu nhat|cn)\b[\s,.)-]*", re.ASCII)
_WEEKDAY_NAMES = enumerate(zip("234567", ("hai", "ba", "tu", "nam", "sau", "bay"), strict=True))
_WEEKDAY_NUMBERS: dict[str | None, int] = {None: 6} | {name: day for day, names in _WEEKDAY_NAMES for name in names}
"""Monday is 0: `thứ hai` and `thứ 2`. `Chủ nhật` has no number in its name: its key is None."""
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_IN_WORDS = re.compile(
    rf"[\s,-]*\b(?:(?:thang|thg)\.?\s*(?P<number>\d\d?)(?!\d)|(?P<name>{'|'.join(_MONTHS)})[a-z]*\.?)[\s,-]*(?:nam )?"
    r"(?:(?=\d{4})|(?P<short>(?=[2-4]\d\b)))",
    re.ASCII,
)
_NOT_YET = re.compile(r"chua\b[a-z ]*|khong co|dang (xu ly|giai quyet)[a-z ]*")


class MonthFirst(ValueError):
    """A date that is valid only if its month stands before its day: 10/25/2023."""


def moment(cell: str | date | datetime) -> str:
    """Return a moment in the API's form; a text that is none is returned as it is, and the schema refuses it.

    MonthFirst for a date that is valid month first only, BadValue for one that is uncertain (a year of two digits).
    """
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=VIETNAM).isoformat(timespec="seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    text = cell[:60]
    if match := _WRITTEN.fullmatch(text):
        return _api(match)
    return _in_words(text) or to_rfc3339(text)


def _in_words(text: str) -> str | None:
    """Read a moment with words around its numbers: Thứ hai, 15 giờ 15 phút ngày 2 tháng 10 năm 2023."""
    plain = search_key(text).strip(" .,;")
    weekday = _WEEKDAY.search(plain)
    plain = _MONTH_IN_WORDS.sub(_month_in_digits, _WEEKDAY.sub(" ", plain, count=1).strip())
    match = _WRITTEN.fullmatch(plain) or _CLOCK_FIRST.fullmatch(plain)
    if match is None:
        return None
    written = _api(match)
    if weekday and _is_real(written[:10]):
        number = date.fromisoformat(written[:10]).weekday()
        if _WEEKDAY_NUMBERS[weekday[1]] != number:
            raise BadValue(told("other_weekday", weekday=_WEEKDAYS[number]))
    return written


def _month_in_digits(month: re.Match[str]) -> str:
    """Return `/10/` for ` tháng 10 năm `, or `/10/20` before the last two digits of a year."""
    number = month["number"] or _MONTHS.index(month["name"]) + 1
    return f"/{number}/{'' if month['short'] is None else '20'}"


def _api(match: re.Match[str]) -> str:
    first, month, last, hour, minute, second, fraction, half = match.group(*_PARTS)
    year, day = (first, last) if len(first) == 4 else (last, first)
    if int(month) > 12 and year is last and _is_real(f"{year:0>4}-{day:0>2}-{month:0>2}"):
        raise MonthFirst(match.string)
    if len(year) < 4:
        if not (12 < int(day) <= 31 and 20 <= int(year) < 50) or f"-{month}" in match.string:
            raise BadValue(told("two_digits"))
        year = f"20{year}"
    bare = f"{year}-{month:0>2}-{day:0>2}"
    if hour is None:
        return bare
    if half:
        hour = str(_hour(int(hour), half.casefold()))
    fraction = fraction.replace(",", ".") if fraction else ""
    return f"{bare}T{hour:0>2}:{minute or '':0>2}:{second or '00'}{fraction}+07:00"


def _hour(hour: int, half: str) -> int:
    """Return the hour of the day; 12 SA is midnight, 12 CH is noon. 99 where the two contradict each other."""
    if half in _AFTERNOON:
        return hour + 12 if 1 <= hour < 12 else hour if hour >= 12 else 99
    return 0 if hour == 12 else hour if hour < 12 else 99


def _is_real(day: str) -> bool:
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True


class DateColumn:
    """Reads the moments of one column.

    Excel set to month first makes 03/10 a date cell, 10 March, and leaves 25/10 as text. Then all date cells have days
    up to 12, and all texts later days. In the column of an end, `Chưa trả` says that there is none yet.
    """

    def __init__(self, field: str) -> None:
        self._is_end = field in ("finished_at", "returned_at", "pause_to")
        self._kinds: set[tuple[bool, bool]] = set()
        self._late_text = ""

    def read(self, cell: Cell) -> Reading:
        """Read one moment; BadValue for a number that is none, MonthFirst for a date that is valid month first only."""
        if self._is_end and isinstance(cell, str) and _NOT_YET.fullmatch(search_key(cell)):
            return Reading("", "not_yet")
        is_date = isinstance(cell, date)
        written = cell if isinstance(cell, date) else text_of(cell).strip("-–—…./ ")
        if isinstance(cell, float | int) and not isinstance(cell, bool) and len(str(written)) not in (8, 14):
            raise BadValue(told("a_number"))
        read = moment(written) if written else ""
        if read[8:10].isdecimal():
            is_late = int(read[8:10]) > 12
            self._kinds.add((is_date, is_late))
            if is_late and not is_date:
                self._late_text = str(cell)[:20]
        return Reading(read)

    @property
    def swapped(self) -> str:
        """Return a text which shows that day and month of the date cells have changed places, else ""."""
        return self._late_text if self._kinds == {(True, False), (False, True)} else ""
