"""The one answer behind widget, stats, pages, form and metrics: a unit's counts over a period as of a moment.

Whole days come from the tallies, where these have the answer. The last day, which is not over, and all unfinished
dossiers are counted from the dossiers by the counting rule. What was carried over follows from
workload = carried_over + received = closed + in_progress.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cache, partial
from typing import Any, Self

from sqlalchemy.orm import Session
from sqlalchemy.util import memoized_property  # functools.cached_property lets one thread at a time work, until 3.12

from service.domain.calendar.local_time import DAY, day_end, day_start, local_day
from service.domain.calendar.periods import Period, PeriodCalendar, last_counted_instant, parse_period
from service.domain.calendar.work_calendar import OfficeHours
from service.domain.dossier.evaluation import RECEPTION_TIME
from service.domain.statistics import questions
from service.domain.statistics.comparisons import earlier
from service.domain.statistics.counting_rule import CountWindow
from service.domain.statistics.counts import FLOWS, Counts
from service.domain.statistics.questions import AGES, OVER_TIME, Filters, GroupCounts, GroupKey, Question, Report
from service.domain.units import UnitTree
from service.reporting.counting.counts_over_time import counts_over_time, refuse_too_many
from service.reporting.counting.coverage import CoverageReader
from service.reporting.counting.group_names import name_groups
from service.reporting.counting.whole_days import WholeDays, joined_groups
from service.settings import Settings
from service.store import catalogue
from service.store.catalogues.fields import find_field, group_of_names
from service.store.counting import count_dossiers, newest_change
from service.store.statistics.dossier_counts import count_cohort, count_lateness
from service.store.statistics.groups import CountsByGroup, Key, Members, sum_by_group


def report(session: Session, question: Question, hours: OfficeHours) -> Report:
    """Answer a question; UnknownUnit or PeriodError when it cannot be asked."""
    answer = Counting.of(session, question, hours).report(*question.group_by)
    if question.compare is None:
        return answer
    period, as_of = earlier(question.compare, question.period, question.as_of, question.calendar)
    same = replace(question, period=period, as_of=as_of, group_by=(), compare=None)
    return replace(answer, earlier=Counting.of(session, same, hours).report())


def counting_of_all(session: Session, as_of: datetime, hours: OfficeHours, settings: Settings) -> "Counting":
    """Return the counting of the year to date in which each unit is a group of its own."""
    tree = catalogue.unit_tree(session)
    period = parse_period("ytd", local_day(as_of), PeriodCalendar.parse(settings.calendar))
    question = Question("", period, as_of, heard_within=settings.coverage_working_days)
    return Counting(session, question, tree, {code: code for code in tree.units}, hours)


class Counting:
    """Counts for one question, by any groupings; units and working calendar are read once."""

    def __init__(
        self, session: Session, question: Question, tree: UnitTree, groups: dict[str, str], hours: OfficeHours
    ) -> None:
        """Take the units whose dossiers count, each with its group (see UnitTree.group_of_unit)."""
        self.session = session
        self.question = question
        self.tree = tree
        self.members = _members(session, question, tree, groups)
        self.counted_until = last_counted_instant(question.period, question.as_of)
        self.last = last = local_day(self.counted_until)
        # Tallies hold whole days: the last day counts among them only if it is over.
        self.tallied_until = last + DAY if self.counted_until == day_end(last) else last
        self.whole_days = WholeDays(session, self.members)
        self.work = work = catalogue.work_calendar(session, hours)
        self.soon = work.latest_within(self.counted_until, RECEPTION_TIME)
        self._working_days = work.working_days_between(question.period.first, last + DAY)
        self.coverage = CoverageReader(session, tree, self.members, question, last, work)

    @classmethod
    def of(cls, session: Session, question: Question, hours: OfficeHours, regroup: Mapping[str, str] = {}) -> Self:
        """Begin to answer a question; UnknownUnit or PeriodError if it cannot be asked. regroup: groups for others."""
        tree = catalogue.unit_tree(session)
        if question.unit not in tree:
            raise questions.UnknownUnit(question.unit)
        question = replace(question, filters=_known_filters(session, question.filters))
        groups = tree.group_of_unit(question.unit, question.subtree, question.current_on, question.depth)
        groups = {member: regroup.get(group, group) for member, group in groups.items()}
        return cls(session, question, tree, groups, hours)

    def report(self, *group_by: str) -> Report:
        """Answer the question, in total and by one grouping or two."""
        groups = self._groups(group_by)
        if groups and group_by[0] not in OVER_TIME:
            self._total = sum((group.counts for group in groups), Counts())
        unit, current_on = self.tree.units[self.question.unit], self.question.current_on
        not_separable = tuple(self.tree.not_separable(unit.code, current_on)) if current_on else ()
        question = replace(self.question, group_by=group_by)
        above = tuple(self.tree.units[code] for code in self.tree.ancestors(unit.code))
        coverage, days = self.coverage.all, self._working_days
        return Report(question, unit, self._total, self._updated_at, groups, not_separable, above, coverage, days)

    @memoized_property
    def _updated_at(self) -> datetime | None:
        return newest_change(self.session, self.members, self.question.as_of)

    @memoized_property
    def _total(self) -> Counts:
        """Count the period as a whole; where a report has groups, their sum is set here instead."""
        return self._counts(()).get((), Counts())

    def by_unit_over(self, periods: Sequence[Period]) -> list[CountsByGroup]:
        """Count each unit's own dossiers over periods that all hold the last counted moment.

        The tallies are read for each period. The last day and unfinished dossiers are counted once for all of them.
        `due_by_horizon` counts what is due by the end of the last period.
        """
        window = CountWindow(day_start(self.tallied_until), self.counted_until, self.soon, periods[-1].last_instant)
        untallied = count_dossiers(self.session, self.members, window, ("unit",))
        flows = (self.whole_days.flows(period.first, self.tallied_until, ("unit",)) for period in periods)
        return [joined_groups(tallied, untallied) for tallied in flows]

    def open_by_age(self) -> list[GroupCounts]:
        """Count the dossiers that are unfinished at the question's moment by their age, youngest first."""
        counted = count_dossiers(self.session, self.members, self._window(self.counted_until), ("age",))
        classes = ((age, counted.get((position,), Counts())) for position, age in enumerate(AGES))
        no_flows = dict.fromkeys((*FLOWS, "carried_over", "reception_overdue", "merged"), 0)
        return [_cell(replace(counts, **no_flows), GroupKey(age.code, age.vi)) for age, counts in classes]

    # From the period's start to counted_until

    def _window(self, start: datetime) -> CountWindow:
        return CountWindow(start, self.counted_until, self.soon)

    def _untallied(self, tallied_until: date, by: tuple[str, ...], opened: datetime | None = None) -> CountsByGroup:
        """Count from the dossiers what tallies do not hold: flows from that day on, what is unfinished, and merged.

        opened: from when on merged dossiers count; from the period's start unless it is given.
        """
        window = self._window(day_start(tallied_until))._replace(opened=opened or self.question.period.start)
        return count_dossiers(self.session, self.members, window, by)

    def _counts(self, by: tuple[str, ...]) -> CountsByGroup:
        """Count over the whole period; a group whose counts are all zero (its dossiers were moved) is left out."""
        first = self.question.period.first
        tallied_until = self.whole_days.tallied_until(first, self.tallied_until, by)
        counted = joined_groups(self.whole_days.flows(first, tallied_until, by), self._untallied(tallied_until, by))
        counted = sum_by_group(counted, self._cohort(by), self._lateness(by))
        return {key: counts for key, counts in counted.items() if counts != Counts()}

    def _cohort(self, by: tuple[str, ...]) -> CountsByGroup:
        """Count the dossiers that were due in the period, as they are at `as_of`, if a formula needs them."""
        if not self.question.with_cohort:
            return {}
        window = self._window(self.question.period.start)
        return count_cohort(self.session, self.members, window, self.question.as_of, by)

    def _lateness(self, by: tuple[str, ...]) -> CountsByGroup:
        return count_lateness(self.session, self.members, self._window(self.question.period.start), by)

    def _over_time(self, grain: str, by: tuple[str, ...] = ()) -> dict[Key, list[GroupCounts]]:
        buckets = self.question.buckets(grain, self.last)
        beside = sum_by_group(self._cohort((*by, "moment")), self._lateness((*by, "moment")))
        untallied = of_last = self._untallied(self.tallied_until, by)
        if any(counts.merged for counts in untallied.values()):  # they are those of the period, not of the last bucket
            of_last = self._untallied(self.tallied_until, by, buckets[-1].start)
        series = counts_over_time(self.whole_days, buckets, self.tallied_until, by, of_last, beside)
        if not by:
            total = sum((bucket.counts for bucket in series[()]), Counts())
            carried_over, merged = series[()][0].counts.carried_over, untallied.get((), Counts()).merged
            self._total = replace(total, carried_over=carried_over, merged=merged)
        return series

    # Groups

    def _groups(self, group_by: tuple[str, ...]) -> list[GroupCounts]:
        """Return the groups of the first grouping, each with its groups of the second, if there is one."""
        if not group_by:
            return []
        outer, *inner = group_by
        if outer in OVER_TIME:
            return self._buckets_first(outer, inner[0] if inner else None)
        if inner and inner[0] not in OVER_TIME:
            return self._crossed(outer, inner[0])
        series = self._over_time(inner[0], (outer,)) if inner else {}
        counted = self._counts((outer,))
        if outer in ("field", "procedure"):  # sources make these: there may be any number
            refuse_too_many(len(counted))
        margins = {key: _cell(counts) for (key,), counts in counted.items()}
        return self._named(outer, margins, {key: tuple(buckets) for (key,), buckets in series.items()})

    def _crossed(self, outer: str, inner: str) -> list[GroupCounts]:
        """Return the groups of the first grouping, each with its cells by the second, whose sum it is."""
        rows: dict[Any, dict[Any, GroupCounts]] = {}
        counted = self._counts((outer, inner))
        refuse_too_many(len(counted))
        for (one, other), counts in counted.items():
            rows.setdefault(one, {})[other] = _cell(counts)
        names = self._names(inner, {key for row in rows.values() for key in row})
        cells = {
            one: tuple(replace(row[key], key=name) for key, name in names.items() if key in row)
            for one, row in rows.items()
        }
        margins = {one: _cell(sum((cell.counts for cell in row.values()), Counts())) for one, row in rows.items()}
        return self._named(outer, margins, cells)

    def _buckets_first(self, grain: str, inner: str | None) -> list[GroupCounts]:
        groups = self._over_time(grain)[()]
        if inner is None:
            return groups
        series = {key: series for (key,), series in self._over_time(grain, (inner,)).items()}
        names = self._names(inner, series)
        shown = [(series[key], name) for key, name in names.items() if key in series]
        cells = (
            tuple(replace(buckets[place], key=name) for buckets, name in shown if buckets[place].counts.workload)
            for place in range(len(groups))
        )
        return [replace(group, groups=inside) for group, inside in zip(groups, cells, strict=True)]

    def _names(self, grouping: str, keys: Collection[Any]) -> dict[Any, GroupKey]:
        return name_groups(self.session, self.tree, self.question, grouping, keys)

    def _named(
        self, grouping: str, groups: dict[Any, GroupCounts], cells: dict[Any, tuple[GroupCounts, ...]]
    ) -> list[GroupCounts]:
        """Give groups their names and cells, in order. Groups that are shown without dossiers get zeros."""
        empty = _cell(Counts())
        unheard = replace(empty, sent=False)
        silent = self.never_heard() if grouping == "unit" else set()
        return [
            replace(groups.get(key, unheard if key in silent else empty), key=name, groups=cells.get(key, ()))
            for key, name in self._names(grouping, groups).items()
        ]

    def never_heard(self) -> set[str]:
        """Return the groups of which no unit ever sent anything: their counts are unknown, not zero."""
        groups = self.members.groups
        return {*groups.values()} - {group for code, group in groups.items() if self.tree.units[code].heard_on}


def _known_filters(session: Session, filters: Filters) -> Filters:
    """Return the filters with the field's key; UnknownFilter for a field or procedure that nobody knows."""
    if filters.procedure is not None and catalogue.find_procedure(session, filters.procedure) is None:
        raise questions.UnknownFilter("procedure", filters.procedure)
    if filters.field is None:
        return filters
    key = find_field(session, filters.field)
    if key is None:
        raise questions.UnknownFilter("field", filters.field)
    return replace(filters, field=key)


def _members(session: Session, question: Question, tree: UnitTree, groups: dict[str, str]) -> Members:
    """Return the units of a question: of the level that it filters by, and with levels if it needs them."""
    wanted, levels = question.filters.level, {}
    if wanted is not None or "level" in question.group_by:
        levels = {code: tree.level_of(code, question.current_on) for code in groups}
    if wanted is not None:
        groups = {code: group for code, group in groups.items() if levels[code] == wanted}
    fields = cache(partial(group_of_names, session))
    return Members(groups, len(groups) == len(tree.units), levels, question.filters, fields)


_NAMELESS = GroupKey(None, None)


def _cell(counts: Counts, key: GroupKey = _NAMELESS) -> GroupCounts:
    return GroupCounts(key, counts, counts.in_progress)
