"""Moments as clerks and their programs write them, in local time where no offset is written; day first."""

import re
from datetime import date, datetime

from service.domain.calendar.local_time import VIETNAM
from service.formats.national import to_rfc3339

NOT_A_TIME = (
    "Phải là ngày có thật: dd/MM/yyyy, dd/MM/yyyy HH:mm, ô ngày của Excel, hoặc yyyyMMddHHmmss"
    " (must be a real date: dd/MM/yyyy with or without a time, an Excel date, or a national time)"
)
_SECONDS = r"(?:\s*(?::|phút)\s*(?P<second>\d\d)(?P<fraction>[.,]\d{1,9})?)?"
_CLOCK = rf"(?P<hour>\d\d?)\s*(?::|h|g|giờ)\s*(?:(?P<minute>\d\d){_SECONDS})?"
_HALF = r"(?:\s*(?P<half>SA|CH|AM|PM|A\.M\.|P\.M\.|sáng|chiều|tối))?"
_DAY = r"(?P<first>\d\d?|\d{4})[/.-](?P<month>\d\d?)[/.-](?P<last>\d{4}|\d\d?)"
_WRITTEN = re.compile(rf"{_DAY}(?:(?:\s*,\s*|\s+lúc\s+|\s+|T){_CLOCK}{_HALF})?", re.IGNORECASE | re.ASCII)
_CLOCK_FIRST = re.compile(rf"{_CLOCK}{_HALF}\s*(?:,|-|ngày)?\s*{_DAY}", re.IGNORECASE | re.ASCII)
_PARTS = ("first", "month", "last", "hour", "minute", "second", "fraction", "half")
_AFTERNOON = frozenset({"ch", "pm", "p.m.", "chiều", "tối"})


class MonthFirst(ValueError):
    """A date that is valid only if its month stands before its day: 10/25/2023."""


def moment(cell: str | date | datetime) -> str:
    """Return a moment in the API's form; a text that is none as it is, to be refused. MonthFirst may be raised."""
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=VIETNAM).isoformat(timespec="seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    return _written(cell[:60])


def _written(text: str) -> str:
    match = _WRITTEN.fullmatch(text) or _CLOCK_FIRST.fullmatch(text)
    if match is None:
        return to_rfc3339(text)
    first, month, last, hour, minute, second, fraction, half = match.group(*_PARTS)
    year, day = (first, last) if len(first) == 4 else (last, first)
    if int(month) > 12 and year is last and _is_real(int(year), int(day), int(month)):
        raise MonthFirst(text)
    bare = f"{year}-{month:0>2}-{day:0>2}"
    if hour is None:
        return bare
    if half:
        hour = str(_hour(int(hour), half.casefold()))
    fraction = fraction.replace(",", ".") if fraction else ""
    return f"{bare}T{hour:0>2}:{minute or '00'}:{second or '00'}{fraction}+07:00"


def _hour(hour: int, half: str) -> int:
    """Return the hour of the day; 12 SA is midnight, 12 CH is noon. 99 where the two contradict each other."""
    if half in _AFTERNOON:
        return hour + 12 if 1 <= hour < 12 else hour if hour >= 12 else 99
    return 0 if hour == 12 else hour if hour < 12 else 99


def _is_real(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
