"""Answers of the questions: statistics, the widget, units and formulas."""

from marshmallow.fields import Nested

from service.domain.statistics.counts import COHORT, PUBLISHED
from service.schemas.answers import parts
from service.schemas.answers.parts import AnyOf, NamedUnit, SchemaClass, answer

UnitWithLevel = answer("UnitWithLevel", "A unit by code, name and level.", NamedUnit)(level=parts.text(null=True))

Period = answer("Period", "A period of local days; `to` is its last day, inclusive.")(
    name=parts.text(), label=parts.text("as printed, in Vietnamese"), from_=parts.day(key="from"), to=parts.day()
)

Counts = answer("Counts", "Dossiers by count; all null for units that never sent anything.")(
    **parts.each(parts.integer, *PUBLISHED, null=True), **parts.each(parts.integer, *COHORT, null=True, optional=True)
)

Bounds = answer("Bounds", "Two percentages with what lies between them.")(
    low=parts.text("percent"), high=parts.text("percent")
)

Rate = answer("Rate", "A rate with its exact numerator and denominator; percent is null when the denominator is 0.")(
    numerator=parts.integer(null=True),
    denominator=parts.integer(null=True),
    percent=parts.percentage(),
    interval=parts.inner(Bounds, "95 % Wilson; interval=wilson, or where units are compared", null=True, optional=True),
    small=parts.flag("with `interval`: fewer than 30 dossiers", optional=True),
)

Funnel = answer("Funnel", "Where a rate lies within the limits that chance alone sets around the rate of the whole.")(
    usual=parts.inner(Bounds, "p ± 1.96 √(p(1 − p)/n)"),
    rare=parts.inner(Bounds, "p ± 3.09 √(p(1 − p)/n)"),
    position=parts.one_of(("expected", "low", "high", "very_low", "very_high")),
)

Rank = answer("Rank", "The best and the worst place of a unit; rates whose intervals overlap share places.")(
    from_=parts.integer(key="from"), to=parts.integer()
)

Rates = answer("Rates", "The rates of one formula; `completion` has `resolved` in place of `on_time` and `late`.")(
    formula=parts.text("id of the formula, with its version"),
    decimals=parts.integer(),
    on_time=parts.inner(Rate, optional=True),
    late=parts.inner(Rate, optional=True),
    resolved=parts.inner(Rate, optional=True),
    open_overdue=parts.integer("only while many dossiers are overdue that the rate does not count", optional=True),
    score=parts.text("national: 20 times the ratio, two decimals", null=True, optional=True),
    funnel=parts.inner(Funnel, "of units beside each other, by the first rate", null=True, optional=True),
    rank=parts.inner(Rank, "of units beside each other, by the first rate", null=True, optional=True),
)
_RATES = AnyOf(Rates, parts.by_name(Rates, "formula=all: by id of the formula"), required=True)

GroupKey = answer("GroupKey", "What a group is called.")(code=parts.text(null=True), name=parts.text(null=True))

Group: SchemaClass = answer("Group", "The counts and rates of one group; with two groupings also its groups.")(
    key=parts.inner(GroupKey),
    counts=parts.inner(Counts),
    rates=_RATES,
    groups=parts.listed(Nested(lambda: Group()), optional=True),
)

WidgetCoverage = answer("WidgetCoverage", "How many units should send, and how many were heard.")(
    expected=parts.integer("units that should send"),
    heard=parts.integer("those of them that were heard"),
    usual_share=parts.text("percent of the usual volume that silent units bring; null without any", null=True),
)

Coverage = answer("Coverage", "The coverage with the codes of the silent units.", WidgetCoverage)(
    silent=parts.listed(parts.text())
)

BothLanguages = answer("BothLanguages", "A text in Vietnamese and English.")(vi=parts.text(), en=parts.text())

PointsChange = answer("PointsChange", "By how much a rate changed.")(
    points=parts.text("percentage points, signed, as many decimals as were asked for", null=True),
    words=parts.text("giảm 0,4 điểm phần trăm", null=True, key="text"),
)

Differences = answer("Differences", "The answer minus the earlier one.")(
    counts=parts.by_name(parts.integer(), "by count"),
    rates=parts.by_name(parts.by_name(PointsChange, "by rate"), "by formula"),
)

WorkingDays = answer("WorkingDays", "The working days of both periods, up to the moments asked about: Tết moves.")(
    now=parts.integer(), then=parts.integer()
)

Comparison = answer("Comparison", "The same question one period or one year before.")(
    kind=parts.one_of(("previous", "year_ago")),
    period=parts.inner(Period),
    as_of=parts.moment(),
    counts=parts.inner(Counts),
    rates=_RATES,
    coverage=parts.inner(Coverage),
    working_days=parts.inner(WorkingDays),
    differences=parts.inner(Differences, "null with a reason", null=True),
    reason=parts.inner(BothLanguages, null=True),
)

AboutUnit = answer("AboutUnit", "What was asked about a unit, and how complete and current the data are.")(
    unit=parts.inner(UnitWithLevel),
    period=parts.inner(Period),
    as_of=parts.moment(),
    updated_at=parts.moment("the newest change among the unit's dossiers", null=True),
    stale=parts.flag("whether the data are older than they should be"),
    calendar=parts.text("civil, reporting, or L,D"),
    structure=parts.one_of(("historic", "current")),
    subtree=parts.flag(),
    filters=parts.by_name(parts.text(), "channel, field, procedure, level: only those that were asked for"),
    group_by=parts.listed(parts.text(), "the groupings from the outside in"),
    coverage=parts.inner(Coverage),
    not_separable=parts.listed(parts.text(), "structure=current: units whose past cannot be divided", optional=True),
)

Target = answer("Target", "How many groups meet their targets, by the exact rate; one without a rate does neither.")(
    formula=parts.text("id of the formula"),
    percent=parts.integer("the target of all groups; null where they have several", null=True),
    **parts.each(parts.integer, "met", "missed"),
    under=parts.listed(parts.text(null=True), "the codes of the groups that missed it"),
)

Stats = answer("Stats", "The counts and rates of a unit over a period.", AboutUnit)(
    counts=parts.inner(Counts),
    rates=_RATES,
    comparison=parts.inner(Comparison, "only with `compare`", optional=True),
    groups=parts.listed(Group),
    target=parts.inner(Target, "only with `target=on`; null without a target or groups", null=True, optional=True),
)

Unit = answer("Unit", "A unit of the catalogue.", UnitWithLevel)(
    parent_code=parts.text(null=True),
    valid_from=parts.day(null=True),
    valid_to=parts.day("last day, inclusive", null=True),
    successor_codes=parts.listed(parts.text()),
    provisional=parts.flag("seen in dossiers, not imported yet"),
)

Units = answer("Units", "Every unit, by name.")(units=parts.listed(Unit))

RatioInWords = answer("RatioInWords", "What stands above and below the line.")(
    numerator=parts.text(), denominator=parts.text()
)

Formula = answer("Formula", "A formula: its parts in words, and who publishes it.")(
    id=parts.text(),
    title=parts.inner(BothLanguages),
    explanation=parts.inner(BothLanguages),
    rates=parts.by_name(RatioInWords, "by name of the rate"),
    published_by=parts.listed(parts.text()),
    default=parts.flag(),
)

Formulas = answer("Formulas", "Every formula.")(formulas=parts.listed(Formula))
