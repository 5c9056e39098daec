"""The pinned holidays package, which nothing else imports, and official decisions about days off that it lacks.

Each day is added with its source. One day of the package is provisional: 24 November (Ngày Văn hóa Việt Nam), off from
2026, of which no enacted text was found. Where it is worked, import a decision on that day.
"""

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache, partial
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import NamedTuple

import holidays
from holidays import HolidayBase
from holidays.version import __version__


class DayRule(NamedTuple):
    """A decision about one day: whether it is worked, why (`reason` is Vietnamese), and who decided it (`source`)."""

    date: date
    working: bool
    reason: str
    source: str = ""
    reason_en: str = ""


_PACKAGE = f"holidays {__version__}"
_NEW_YEAR_2026 = "12729/VPCP-KGVX, 25/12/2025"

OFFICIAL_DAYS = (
    DayRule(date(2026, 1, 2), False, "Ngày nghỉ (thay cho ngày 10/01/2026)", _NEW_YEAR_2026,
            "Day off (substituted from 2026-01-10)"),
    DayRule(date(2026, 1, 10), True, "Làm bù cho ngày 02/01/2026", _NEW_YEAR_2026, "Worked in place of 2026-01-02"),
)  # fmt: skip

# The years whose swaps (hoán đổi ngày làm việc) were compared with the government's yearly notices.
COMPARED_YEARS = range(2019, 2027)
FIRST_DAY = date(1990, 1, 1)
LAST_DAY = date(2110, 12, 31)


@lru_cache(maxsize=2)
def published(language: str) -> HolidayBase:
    """Return the public holidays and swaps of the package, named in a language: vi or en_US."""
    return _vietnam()(years=range(FIRST_DAY.year, LAST_DAY.year + 1), language=language)


@lru_cache(maxsize=1)
def published_rules() -> dict[date, DayRule]:
    """Return the rules of all years by day, as the package has them."""
    names, iso = published("vi"), partial(re.sub, r"(\d\d)/(\d\d)/(\d{4})", r"\3-\1-\2")
    english = {day: iso(name) for day, name in published("en_US").items()}
    rules = {day: DayRule(day, False, name, _PACKAGE, english[day]) for day, name in names.items()}
    for day in names.weekend_workdays:
        rules[day] = DayRule(day, True, "Làm bù (hoán đổi ngày nghỉ)", _PACKAGE, "Make-up working day")
    return rules


def _vietnam() -> Callable[..., HolidayBase]:
    """Load the package's module of Vietnam alone: its usual entry loads 250 countries, a tenth of our start-up time."""
    spec = spec_from_file_location("holidays.vietnam_alone", Path(holidays.__path__[0]) / "countries" / "vietnam.py")
    assert spec is not None and spec.loader is not None
    spec.loader.exec_module(module := module_from_spec(spec))
    return module.Vietnam  # type: ignore[no-any-return]
