"""Answers of the questions: statistics, the widget, units and formulas."""

from marshmallow.fields import Nested

from service.domain.statistics.counts import COHORT, PUBLISHED
from service.schemas.answers.parts import (
    Answer,
    AnyOf,
    NamedUnit,
    SchemaClass,
    by_name,
    day,
    flag,
    inner,
    integer,
    listed,
    moment,
    one_of,
    percentage,
    text,
)


class UnitWithLevel(NamedUnit):
    """A unit by code, name and level."""

    level = text(null=True)


class Period(Answer):
    """A period of local days; `to` is its last day, inclusive."""

    name = text()
    label = text("as printed, in Vietnamese")
    from_ = day(key="from")
    to = day()


Counts: SchemaClass = Answer.from_dict(
    {name: integer(null=True) for name in PUBLISHED} | {name: integer(optional=True, null=True) for name in COHORT},
    name="Counts",
)


class Bounds(Answer):
    """Two percentages with what lies between them."""

    low = text("percent")
    high = text("percent")


class Rate(Answer):
    """One division, with its exact parts; null where there is nothing to divide by."""

    numerator = integer(null=True)
    denominator = integer(null=True)
    percent = percentage()
    interval = inner(Bounds, "95 % Wilson; interval=wilson, or where units are compared", null=True, optional=True)
    small = flag("with `interval`: fewer than 30 dossiers", optional=True)


class Funnel(Answer):
    """Within what the rate of so many dossiers lies by chance, around the whole's rate, and where it lies."""

    usual = inner(Bounds, "p ± 1.96 √(p(1 − p)/n)")
    rare = inner(Bounds, "p ± 3.09 √(p(1 − p)/n)")
    position = one_of(("expected", "low", "high", "very_low", "very_high"))


class Rank(Answer):
    """The best and the worst place that a unit may have: rates whose intervals overlap share theirs."""

    from_ = integer(key="from")
    to = integer()


class Rates(Answer):
    """The rates of one formula; `completion` has `resolved` in place of `on_time` and `late`."""

    formula = text("id of the formula, with its version")
    decimals = integer()
    on_time = inner(Rate, optional=True)
    late = inner(Rate, optional=True)
    resolved = inner(Rate, optional=True)
    open_overdue = integer("only while many dossiers are overdue that the rate does not count", optional=True)
    score = text("national: 20 times the ratio, two decimals", null=True, optional=True)
    funnel = inner(Funnel, "of units beside each other, by the first rate", null=True, optional=True)
    rank = inner(Rank, "of units beside each other, by the first rate", null=True, optional=True)


def _rates() -> AnyOf:
    return AnyOf(Rates, by_name(Rates, "formula=all: by id of the formula"), required=True)


class GroupKey(Answer):
    """What a group is called."""

    code = text(null=True)
    name = text(null=True)


class Group(Answer):
    """The counts and rates of one group; with two groupings also its groups of the second."""

    key = inner(GroupKey)
    counts = inner(Counts)
    rates = _rates()
    groups = listed(Nested(lambda: Group()), optional=True)


class WidgetCoverage(Answer):
    """How many units should have sent, how many were heard, and the silent ones' part of the usual volume."""

    expected = integer("units that should send")
    heard = integer("of which have been heard")
    usual_share = text("percent of the usual volume that the silent units bring; null when there was none", null=True)


class Coverage(WidgetCoverage):
    """The coverage with the codes of the silent units."""

    silent = listed(text())


class BothLanguages(Answer):
    """A text in Vietnamese and English."""

    vi = text()
    en = text()


class PointsChange(Answer):
    """By how much a rate changed."""

    points = text("percentage points, signed, as many decimals as were asked for", null=True)
    words = text("giảm 0,4 điểm", null=True, key="text")


class Differences(Answer):
    """The answer less the earlier one."""

    counts = by_name(integer(), "by count")
    rates = by_name(by_name(PointsChange, "by rate"), "by formula")


class WorkingDays(Answer):
    """The working days of both periods, up to the moments asked about: Tết moves."""

    now = integer()
    then = integer()


class Comparison(Answer):
    """The same question one period or one year before."""

    kind = one_of(("previous", "year_ago"))
    period = inner(Period)
    as_of = moment()
    counts = inner(Counts)
    rates = _rates()
    coverage = inner(Coverage)
    working_days = inner(WorkingDays)
    differences = inner(Differences, "null with a reason", null=True)
    reason = inner(BothLanguages, null=True)


class AboutUnit(Answer):
    """What was asked about a unit, and how complete and current the data are."""

    unit = inner(UnitWithLevel)
    period = inner(Period)
    as_of = moment()
    updated_at = moment("the newest change among the unit's dossiers", null=True)
    stale = flag("whether the data are older than they should be")
    calendar = text("civil, reporting, or L,D")
    structure = one_of(("historic", "current"))
    subtree = flag()
    filters = by_name(text(), "channel, field, procedure, level: only those that were asked for")
    group_by = listed(text(), "the groupings from the outside in")
    coverage = inner(Coverage)
    not_separable = listed(text(), "structure=current: split units whose past cannot be divided", optional=True)


class Target(Answer):
    """How the groups stand to their targets, by the exact rate; a group without a rate neither meets nor misses."""

    formula = text("id of the formula")
    percent = integer("the target of all groups; null where they have several", null=True)
    met = integer()
    missed = integer()
    under = listed(text(null=True), "the codes of the groups that missed it")


class Stats(AboutUnit):
    """The counts and rates of a unit over a period."""

    counts = inner(Counts)
    rates = _rates()
    comparison = inner(Comparison, "only with `compare`", optional=True)
    groups = listed(Group)
    target = inner(
        Target, "only with `target=on`; null without a target, or units, months or days", null=True, optional=True
    )


class Unit(UnitWithLevel):
    """A unit of the catalogue."""

    parent_code = text(null=True)
    valid_from = day(null=True)
    valid_to = day("last day, inclusive", null=True)
    successor_codes = listed(text())
    provisional = flag("seen in dossiers, not imported yet")


class Units(Answer):
    """Every unit, by name."""

    units = listed(Unit)


class RatioInWords(Answer):
    """What stands above and below the line."""

    numerator = text()
    denominator = text()


class Formula(Answer):
    """A formula: its parts in words, and who publishes it."""

    id = text()
    title = inner(BothLanguages)
    explanation = inner(BothLanguages)
    rates = by_name(RatioInWords, "by name of the rate")
    published_by = listed(text())
    default = flag()


class Formulas(Answer):
    """Every formula."""

    formulas = listed(Formula)
