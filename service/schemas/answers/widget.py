"""The answer of the portal widget, and how often it was seen."""

from service.schemas.answers import parts
from service.schemas.answers.parts import NamedUnit, answer
from service.schemas.answers.statistics import BothLanguages, Period, WidgetCoverage

WIDGET_COUNTS = ("workload", "early_or_on_time", "late", "resolved", "in_progress", "open_overdue")
WidgetCounts = answer("WidgetCounts", "The counts of the widget.")(**parts.each(parts.integer, *WIDGET_COUNTS))

WidgetRates = answer("WidgetRates", "The rates of the widget: as text, with the parts of the headline.")(
    formula=parts.text(),
    **parts.each(parts.percentage, "on_time", "late", "resolved", optional=True),
    **parts.each(parts.integer, "numerator", "denominator", null=True),
)

WidgetText = answer("WidgetText", "The lines of the widget, as printed.")(
    **parts.each(
        parts.text, "heading", "rate", "workload", "early_or_on_time", "late", "late_rate", "details", "updated"
    ),
    coverage=parts.text("only when units are silent", optional=True),
    rate_note=parts.text("the same, to stand beside the rate: over 5 % of the usual volume is missing", optional=True),
    open_overdue=parts.text("only while many dossiers are overdue that the rate does not count", optional=True),
    views=parts.text("only with counter=on", optional=True),
    change=parts.text("only with compare: how the rate changed", optional=True),
)

WidgetComparison = answer(
    "WidgetComparison", "How the rate changed; points are null where it is missing, or coverage differs."
)(
    kind=parts.one_of(("previous", "year_ago")),
    period=parts.inner(Period),
    points=parts.text("percentage points, signed", null=True),
    reason=parts.inner(BothLanguages, null=True),
)

WidgetAxis = answer("WidgetAxis", "The axis of the dots: its ends as text, and where the rate of the whole stands.")(
    low=parts.text(), high=parts.text(), whole=parts.number(null=True)
)

WidgetRow = answer("WidgetRow", "A row of the widget's table, as printed. interval: the limits of its rate.")(
    name=parts.text(),
    cells=parts.listed(parts.text(), "the columns after the first"),
    dot=parts.by_name(
        parts.number(), "where rate and limits stand on the axis, in percent of it", null=True, optional=True
    ),
    interval=parts.text(optional=True),
)

WidgetTable = answer(
    "WidgetTable", "Units in ranks (by name where numbers tell no difference), or months, newest first."
)(
    columns=parts.listed(parts.text()),
    rows=parts.listed(WidgetRow),
    axis=parts.inner(WidgetAxis, "of the dots; not with variant=table", optional=True),
    note=parts.text("only where no rank can be told: why", optional=True),
    more=parts.text("what to say where the rows have no room", optional=True),
)

ViewCounts = answer("ViewCounts", "How many answers were given.")(
    now=parts.integer("within the last five minutes that were written"),
    **parts.each(parts.integer, "today", "month"),
    all=parts.integer("since counting began"),
)

Views = answer("Views", "How often a unit's widget and page were seen; who saw them is not known.")(
    unit=parts.inner(NamedUnit),
    as_of=parts.moment(),
    **{name: parts.inner(ViewCounts) for name in ("widget", "page", "total")},
)

Widget = answer("Widget", "The portal widget.")(
    schema=parts.one_of(("tthc-widget/1",)),
    title=parts.text(),
    unit=parts.inner(NamedUnit),
    period=parts.inner(Period),
    counts=parts.inner(WidgetCounts),
    rates=parts.inner(WidgetRates),
    lines=parts.inner(WidgetText, key="text"),
    details_url=parts.text(format="uri"),
    as_of=parts.moment(),
    updated_at=parts.moment(null=True),
    stale=parts.flag(),
    coverage=parts.inner(WidgetCoverage),
    comparison=parts.inner(WidgetComparison, "only with compare", optional=True),
    table=parts.inner(WidgetTable, "only with variant=ranking, table or chart", optional=True),
    views=parts.inner(ViewCounts, "only with counter=on: of widget and page together", optional=True),
)
