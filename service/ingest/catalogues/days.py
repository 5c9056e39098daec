"""Import decisions on working days: they append to what is known, and the newest counts."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from service.domain.calendar.work_calendar import OfficeHours
from service.ingest.catalogues.lines import CatalogueFile, CatalogueLine, Imported, make_each
from service.store.catalogues import versions


def import_calendar(session: Session, file: CatalogueFile, hours: OfficeHours, now: datetime) -> Imported:
    """Append the decisions on working days of a file."""
    lines, unread = file.lines("days")
    rows = [row for _, row in make_each(lines, _day, lambda row: row["day"].isoformat())]
    versions.append_days(session, rows, hours, now)
    return Imported(len(rows), unread)


def _day(line: CatalogueLine) -> dict[str, Any]:
    day = line.day("date")
    if day is None or not 1990 <= day.year <= 2100:
        raise line.wrong("date", "day_out_of_range")
    line.required("working")
    return {"day": day, "working": line.yes_or_no("working"), "reason": line.required("reason")}
