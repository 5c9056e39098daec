"""What the page behind "Chi tiết" shows of a unit: a few reports, all read in one snapshot."""

from dataclasses import replace
from typing import NamedTuple

from sqlalchemy.orm import Session

from service.domain.calendar.work_calendar import OfficeHours
from service.domain.statistics.comparisons import earlier
from service.domain.statistics.questions import GroupCounts, Question, Report
from service.reporting.report import Counting
from service.store.quality import quality


class Details(NamedTuple):
    """A unit's numbers; each report answers the same question under another grouping.

    year_before: the answer for the same period a year before, grouped as the trend is.
    """

    by_unit: Report
    by_field: Report
    by_channel: Report
    trend: Report | None
    year_before: Report
    ages: list[GroupCounts]
    warnings: dict[str, int]


def unit_details(session: Session, question: Question, hours: OfficeHours) -> Details:
    """Answer a question under each grouping of the page; UnknownUnit or PeriodError when it cannot be asked."""
    counting = Counting.of(session, question, hours)
    grain = trend_grain(question)
    period, as_of = earlier("year_ago", question.period, question.as_of, question.calendar)
    then = Counting.of(session, replace(question, period=period, as_of=as_of), hours)
    return Details(
        by_unit=counting.report("unit"),
        by_field=counting.report("field"),
        by_channel=counting.report("channel"),
        trend=counting.report(grain) if grain else None,
        year_before=then.report(*([grain] if grain else [])),
        ages=counting.open_by_age(),
        warnings=dict(quality(session, unit=question.unit).kinds.most_common()),
    )


def trend_grain(question: Question) -> str | None:
    """Return by what the trend groups the question's period: by day up to a month, else by month; None for one day."""
    return {"day": None, "week": "day", "month": "day"}.get(question.period.kind, "month")
