"""The one answer behind widget, stats, pages, form and metrics: a unit's counts over a period as of a moment.

Whole days (and for fields and channels whole months) come from the tallies. The last, unfinished
one and everything unfinished come from the dossiers by the counting rule over [edge, m]; what was
carried over follows from the identity workload = carried_over + received = closed + in_progress.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Self

from sqlalchemy.orm import Session

from service.domain.calendar.local_time import MICROSECOND, day_end, day_start, local_day
from service.domain.calendar.periods import Period, days_of, last_counted_instant, months_of
from service.domain.calendar.work_calendar import OfficeHours
from service.domain.dossier.evaluation import RECEPTION_TIME
from service.domain.dossier.statuses import CHANNEL_BY_NAME, CHANNELS_VI, Channel
from service.domain.statistics.counts import FLOWS, Counts
from service.domain.statistics.questions import AGES, GroupCounts, GroupKey, Question, Report, UnknownUnit
from service.domain.units import Unit, UnitTree
from service.domain.vietnamese_text import sort_key
from service.store import catalogue
from service.store.counting import CountsByGroup, CountWindow, Members, count_dossiers, newest_change
from service.store.tallies import day_flows, month_flows


def report(session: Session, question: Question, hours: OfficeHours) -> Report:
    """Answer a question; UnknownUnit or PeriodError when it cannot be asked."""
    return Counting.of(session, question, hours).report(question.group_by)


def own_counts(
    session: Session, tree: UnitTree, as_of: datetime, periods: Sequence[Period], hours: OfficeHours
) -> list[CountsByGroup]:
    """Count every unit's own dossiers over each of some periods that hold `as_of`, all units at once.

    The tallies are asked once a period, what is unfinished and the unfinished day once for all;
    `due_by_horizon` counts what is due by the end of the last period.
    """
    question = Question("", periods[0], as_of)
    return Counting(session, question, tree, {code: code for code in tree.units}, hours).by_unit_over(periods)


class Counting:
    """The counting of one question, whose units and working calendar are read once for all groupings."""

    def __init__(
        self, session: Session, question: Question, tree: UnitTree, homes: dict[str, str], hours: OfficeHours
    ) -> None:
        """Count the dossiers of some units; `homes` names the group of each (see UnitTree.homes)."""
        self.session = session
        self.question = question
        self.tree = tree
        self.members = Members(homes, all_units=len(homes) == len(tree.units))
        self.m = last_counted_instant(question.period, question.as_of)
        self.edge = _whole_days_until(self.m)
        work = catalogue.work_calendar(session, hours)
        self.soon = work.latest_within(self.m, RECEPTION_TIME)

    @classmethod
    def of(cls, session: Session, question: Question, hours: OfficeHours) -> Self:
        """Begin to answer a question; UnknownUnit or PeriodError when it cannot be asked."""
        tree = catalogue.unit_tree(session)
        if question.unit not in tree:
            raise UnknownUnit(question.unit)
        current_on = local_day(question.as_of) if question.structure == "current" else None
        return cls(session, question, tree, tree.homes(question.unit, question.subtree, current_on), hours)

    def report(self, group_by: str | None) -> Report:
        """Answer the question, in groups."""
        groups = self._groups(group_by)
        adds_up = group_by in ("unit", "field", "procedure", "channel")
        total = sum((group.counts for group in groups), Counts()) if adds_up else self._total()
        unit = self.tree.units[self.question.unit]
        return Report(replace(self.question, group_by=group_by), unit, total, self._updated_at, groups)

    @cached_property
    def _updated_at(self) -> datetime | None:
        return newest_change(self.session, self.members, self.question.as_of)

    def by_unit_over(self, periods: Sequence[Period]) -> list[CountsByGroup]:
        """Count each unit's own dossiers over periods that all end after m."""
        span = CountWindow(day_start(self.edge), self.m, self.soon, periods[-1].last_instant)
        rest = count_dossiers(self.session, self.members, span, "unit")
        return [self._joined_groups(self._flows_of_days(p.first, by_unit=True), rest) for p in periods]

    def open_by_age(self) -> list[GroupCounts]:
        """Split what is unfinished at the question's moment by its age, youngest first."""
        counted = count_dossiers(self.session, self.members, CountWindow(self.m, self.m, self.soon), "age")
        found = ((age, counted.get(position, Counts())) for position, age in enumerate(AGES))
        return [_group(GroupKey(age.code, age.vi), _stocks_only(counts)) for age, counts in found]

    def _groups(self, group_by: str | None) -> list[GroupCounts]:
        if group_by is None:
            return []
        if group_by in ("month", "day"):
            return self._series(group_by)
        makers: dict[str, Callable[[], list[GroupCounts]]] = {
            "unit": self._by_unit,
            "field": self._by_field,
            "channel": self._by_channel,
            "procedure": self._by_procedure,
        }
        return makers[group_by]()

    # From the period's start to m

    def _rest(self, edge: date, group: str | None) -> CountsByGroup:
        """Count what the tallies leave: the rule over [edge, m] and everything unfinished at m."""
        return count_dossiers(self.session, self.members, CountWindow(day_start(edge), self.m, self.soon), group)

    @cached_property
    def _rest_in_total(self) -> Counts:
        return self._rest(self.edge, None).get(None, Counts())

    def _flows_of_days(self, first: date, by_unit: bool = False) -> CountsByGroup:
        """Sum the flows of the whole days from the first: whole civil months from their own tallies."""
        by = "unit" if by_unit else None
        months_from, months_to = _whole_months(first, self.edge)
        return _added(
            day_flows(self.session, self.members, first, months_from, by),
            month_flows(self.session, self.members, months_from, months_to, by),
            day_flows(self.session, self.members, months_to, self.edge, by),
        )

    def _total(self) -> Counts:
        flows = self._flows_of_days(self.question.period.first)
        return _joined(flows.get(None, Counts()), self._rest_in_total)

    def _joined_groups(self, flows: CountsByGroup, rest: CountsByGroup) -> CountsByGroup:
        keys = {**flows, **rest}
        return {key: _joined(flows.get(key, Counts()), rest.get(key, Counts())) for key in keys}

    def _by_unit(self) -> list[GroupCounts]:
        flows = self._flows_of_days(self.question.period.first, by_unit=True)
        found = self._joined_groups(flows, self._rest(self.edge, "unit"))
        asked = self.question.unit
        if self.question.subtree:
            found = {child.code: Counts() for child in self.tree.children(asked) if self._is_shown(child)} | found
        groups = [_group(GroupKey(code, self.tree.units[code].name), counts) for code, counts in found.items()]
        return sorted(groups, key=lambda group: (group.key.code != asked, *_by_name(group)))

    def _is_shown(self, child: Unit) -> bool:
        """Say whether a child is listed though nothing counts under it: a dissolved one only as it was."""
        return self.question.structure != "current" or not child.dissolved_on(local_day(self.question.as_of))

    def _by_month_tally(self, dimension: str) -> CountsByGroup:
        """Count by field or channel: whole months from the tallies, ragged ends from the dossiers."""
        first = self.question.period.first
        months_from, months_to = _whole_months(first, self.edge)
        if months_from == months_to:
            months_from = months_to = first
        whole = month_flows(self.session, self.members, months_from, months_to, "key", dimension)
        ragged: CountsByGroup = {}
        if first < months_from:
            start, end = day_start(first), day_start(months_from) - MICROSECOND
            counted = count_dossiers(self.session, self.members, CountWindow(start, end, end), dimension)
            ragged = {key: _flows_only(counts) for key, counts in counted.items()}
        if dimension == "channel":
            whole = {CHANNEL_BY_NAME[key].value: counts for key, counts in whole.items()}
        else:
            whole = {key or None: counts for key, counts in whole.items()}
        return self._joined_groups(_added(ragged, whole), self._rest(months_to, dimension))

    def _by_field(self) -> list[GroupCounts]:
        counted = self._by_month_tally("field")
        names = catalogue.field_names(self.session, [key for key in counted if key])
        groups = [
            _group(GroupKey(key, names.get(key, key) if key else None), counts)
            for key, counts in counted.items()
            if not counts.is_zero()  # a field whose dossiers were all moved away leaves tallies of zero
        ]
        return sorted(groups, key=_by_name)

    def _by_channel(self) -> list[GroupCounts]:
        counted = self._by_month_tally("channel")
        return [
            _group(GroupKey(channel.api_name, CHANNELS_VI[channel]), counted.get(channel.value, Counts()))
            for channel in Channel
        ]

    def _by_procedure(self) -> list[GroupCounts]:
        """Count by procedure from the dossiers alone: a rare question."""
        counted = self._rest(self.question.period.first, "procedure")
        names = catalogue.procedure_names(self.session, list(counted))
        groups = [_group(GroupKey(key, names.get(key)), counts) for key, counts in counted.items()]
        return sorted(groups, key=_by_name)

    # Time series

    def _series(self, grain: str) -> list[GroupCounts]:
        """Count by day or month; the stocks of each bucket follow backwards from what is unfinished at m."""
        period, last_day = self.question.period, local_day(self.m)
        after = last_day + timedelta(days=1)
        if grain == "day":
            buckets = list(days_of(period.first, after))
        else:
            buckets = list(months_of(period.first, after, self.question.calendar))
        flows = self._bucket_flows(buckets)
        rest = self._rest_in_total
        groups: list[GroupCounts] = []
        in_progress = rest.in_progress
        for bucket, whole in zip(reversed(buckets), reversed(flows), strict=True):
            last = not groups
            counts = _joined(whole, rest) if last else whole
            counts = replace(counts, carried_over=in_progress + counts.closed - counts.received)
            groups.append(GroupCounts(GroupKey(bucket.name, bucket.label), counts, in_progress, last))
            in_progress = counts.carried_over
        return groups[::-1]

    def _bucket_flows(self, buckets: list[Period]) -> list[Counts]:
        """Return the flows of the whole days of each bucket, zeros where nothing happened."""
        if all(_is_civil_month(bucket) for bucket in buckets[:-1]) and len(buckets) > 1:
            whole = month_flows(self.session, self.members, buckets[0].first, buckets[-1].first, "month")
            firsts = [whole.get(bucket.first, Counts()) for bucket in buckets[:-1]]
            return [*firsts, self._flows_of_days(buckets[-1].first).get(None, Counts())]
        days = day_flows(self.session, self.members, buckets[0].first, self.edge, "day")
        found = [Counts() for _ in buckets]
        position = 0
        for day in sorted(days):
            while day >= buckets[position].after:
                position += 1
            found[position] = found[position] + days[day]
        return found


def _whole_days_until(m: datetime) -> date:
    """Return the local day before which whole days are counted: the day of m, or the one after."""
    day = local_day(m)
    return day + timedelta(days=1) if m == day_end(day) else day


def _is_civil_month(bucket: Period) -> bool:
    following = (bucket.first.replace(day=1) + timedelta(days=32)).replace(day=1)
    return bucket.first.day == 1 and bucket.after == following


def _whole_months(first: date, after: date) -> tuple[date, date]:
    """Return the span [from, to) of the whole civil months within [first, after).

    Both are `after` when there is none, so that everything counts as days.
    """
    start = first if first.day == 1 else (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    end = after.replace(day=1)
    return (start, end) if start < end else (after, after)


def _flows_only(counts: Counts) -> Counts:
    return Counts(**{name: getattr(counts, name) for name in FLOWS})


def _stocks_only(counts: Counts) -> Counts:
    return replace(counts, carried_over=0, reception_overdue=0, **dict.fromkeys(FLOWS, 0))


def _joined(flows: Counts, rest: Counts) -> Counts:
    """Join earlier whole-day flows with the counts over [edge, m].

    What was carried over at the beginning is what was carried over at the edge, plus what closed
    and minus what was received in between.
    """
    both = flows + rest
    both.carried_over = rest.carried_over + flows.closed - flows.received
    return both


def _added(*parts: CountsByGroup) -> CountsByGroup:
    """Add counts by key."""
    total: CountsByGroup = {}
    for part in parts:
        for key, counts in part.items():
            total[key] = total[key] + counts if key in total else counts
    return total


def _group(key: GroupKey, counts: Counts) -> GroupCounts:
    return GroupCounts(key, counts, counts.in_progress)


def _by_name(group: GroupCounts) -> tuple[bool, Any]:
    """Order groups by name, those without one last."""
    name = group.key.name or group.key.code
    return name is None, sort_key(name or "")
