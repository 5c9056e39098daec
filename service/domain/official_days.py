"""Official decisions about days off that the pinned holidays package lacks.

A day moves here only with its source. 24 November (Ngày Văn hóa Việt Nam) is a day off from 2026 as
the package has it; no enacted text was found, so it is provisional, and a setting can switch it off.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class DayRule:
    """Say that one day is worked or not, why, and who decided it; `reason` is Vietnamese."""

    date: date
    working: bool
    reason: str
    source: str = ""
    reason_en: str = ""


_NEW_YEAR_2026 = "12729/VPCP-KGVX, 25/12/2025"

OFFICIAL_DAYS = (
    DayRule(
        date(2026, 1, 2),
        False,
        "Ngày nghỉ (thay cho ngày 10/01/2026)",
        _NEW_YEAR_2026,
        "Day off (substituted from 2026-01-10)",
    ),
    DayRule(
        date(2026, 1, 10),
        True,
        "Làm bù cho ngày 02/01/2026",
        _NEW_YEAR_2026,
        "Worked in place of 2026-01-02",
    ),
)

# The years whose swaps (hoán đổi ngày làm việc) were compared with the government's yearly notices.
COMPARED_YEARS = range(2019, 2027)
