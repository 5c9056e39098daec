"""Local time of Viet Nam: a "day" in this service is a day of Asia/Ho_Chi_Minh.

That zone has been UTC+07:00 without interruption since 1975. So a fixed offset is exact for the years that are
accepted (1990 to 2100); a test compares the two.
"""

from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache

VIETNAM = timezone(timedelta(hours=7), "ICT")
MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)
_OFFSET = timedelta(hours=7)


def local_day(moment: datetime) -> date:
    """Return the local day on which a moment falls."""
    return (moment + _OFFSET).date() if moment.tzinfo is UTC else moment.astimezone(VIETNAM).date()


@lru_cache(maxsize=8192)
def day_start(day: date) -> datetime:
    """Return the first instant of a local day, in UTC."""
    return datetime.combine(day, time.min, UTC) - _OFFSET


@lru_cache(maxsize=8192)
def day_end(day: date) -> datetime:
    """Return the last instant (to the microsecond) of a local day, in UTC."""
    return datetime.combine(day, time.max, UTC) - _OFFSET


def to_local(moment: datetime) -> datetime:
    """Return the same moment as a local time of Viet Nam."""
    return moment.astimezone(VIETNAM)


def local_iso(moment: datetime) -> str:
    """Return a moment as RFC 3339 text with the offset of Viet Nam."""
    return moment.astimezone(VIETNAM).isoformat()


def local_clock(moment: datetime) -> str:
    """Return a moment as portals print it: 04/10/2023 13:37:34."""
    return moment.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M:%S")


def is_bare_date(moment: datetime) -> bool:
    """Say whether a moment is exactly 00:00 local: a date without a time of day is stored so."""
    return not (moment.minute or moment.second or moment.microsecond) and to_local(moment).hour == 0


def is_before(one: datetime, other: datetime) -> bool:
    """Say whether a moment is before another; a bare date is compared with a moment by the day.

    Example: the bare date 2024-06-05 is not before 2024-06-05 10:00.
    """
    return one < other and not ((is_bare_date(one) or is_bare_date(other)) and local_day(one) == local_day(other))
