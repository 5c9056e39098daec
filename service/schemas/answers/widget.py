"""The answer of the portal widget."""

from service.schemas.answers.parts import (
    Answer,
    NamedUnit,
    SchemaClass,
    by_name,
    flag,
    inner,
    integer,
    listed,
    moment,
    number,
    one_of,
    percentage,
    text,
)  # fmt: skip
from service.schemas.answers.statistics import BothLanguages, Period, WidgetCoverage
from service.schemas.answers.views import ViewCounts

WIDGET_COUNTS = ("workload", "early_or_on_time", "late", "resolved", "in_progress", "open_overdue")
WidgetCounts: SchemaClass = Answer.from_dict({name: integer() for name in WIDGET_COUNTS}, name="WidgetCounts")


class WidgetRates(Answer):
    """The rates of the widget: as text, with the parts of the headline."""

    formula = text()
    on_time = percentage(optional=True)
    late = percentage(optional=True)
    resolved = percentage(optional=True)
    numerator = integer(null=True)
    denominator = integer(null=True)


class WidgetText(Answer):
    """The lines of the widget, as printed."""

    heading = text()
    rate = text()
    workload = text()
    early_or_on_time = text()
    late = text()
    late_rate = text()
    details = text()
    updated = text()
    coverage = text("only when units are silent", optional=True)
    rate_note = text("the same, to stand beside the rate: over 5 % of the usual volume is missing", optional=True)
    open_overdue = text("only while many dossiers are overdue that the rate does not count", optional=True)
    views = text("only with counter=on", optional=True)
    change = text("only with compare: how the rate changed", optional=True)


class WidgetComparison(Answer):
    """How the rate changed since the same question earlier; no points where a rate or the coverage forbids it."""

    kind = one_of(("previous", "year_ago"))
    period = inner(Period)
    points = text("percentage points, signed", null=True)
    reason = inner(BothLanguages, null=True)


class WidgetAxis(Answer):
    """The axis of the dots: its ends in words, and where the rate of all together stands."""

    low = text()
    high = text()
    whole = number(null=True)


class WidgetRow(Answer):
    """A row of the widget's table, as printed; `interval` are the limits of its rate."""

    name = text()
    cells = listed(text(), "the columns after the first")
    dot = by_name(number(), "where rate and limits stand on the axis, in percent of it", null=True, optional=True)
    interval = text(optional=True)


class WidgetTable(Answer):
    """Units in ranks (in order of name where the numbers cannot tell them apart), or months, the newest first."""

    columns = listed(text())
    rows = listed(WidgetRow)
    axis = inner(WidgetAxis, "of the dots; not with variant=table", optional=True)
    note = text("only where no rank can be told: why", optional=True)
    more = text("what to say where the rows have no room", optional=True)


class Widget(Answer):
    """The portal widget."""

    schema = one_of(("tthc-widget/1",))
    title = text()
    unit = inner(NamedUnit)
    period = inner(Period)
    counts = inner(WidgetCounts)
    rates = inner(WidgetRates)
    lines = inner(WidgetText, key="text")
    details_url = text(format="uri")
    as_of = moment()
    updated_at = moment(null=True)
    stale = flag()
    coverage = inner(WidgetCoverage)
    comparison = inner(WidgetComparison, "only with compare", optional=True)
    table = inner(WidgetTable, "only with variant=ranking, table or chart", optional=True)
    views = inner(ViewCounts, "only with counter=on: of widget and page together", optional=True)
