"""How long an unfinished dossier has been waiting: local days since the day it was received."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from service.domain.localtime import day_start, local_day


@dataclass(frozen=True)
class Age:
    """A class of ages; `days` is its longest, None for the last class, which has no end."""

    code: str
    days: int | None
    vi: str
    en: str

    def since(self, m: datetime) -> datetime:
        """Return the earliest moment of receipt of this class, or a younger one, as of `m`."""
        if self.days is None:
            raise ValueError("the last class has no earliest moment")
        return day_start(local_day(m) - timedelta(days=self.days))


AGES = (
    Age("0-7", 7, "Đến 7 ngày", "Up to 7 days"),
    Age("8-15", 15, "8 đến 15 ngày", "8 to 15 days"),
    Age("16-30", 30, "16 đến 30 ngày", "16 to 30 days"),
    Age("31-90", 90, "31 đến 90 ngày", "31 to 90 days"),
    Age("91-", None, "Trên 90 ngày", "Over 90 days"),
)
