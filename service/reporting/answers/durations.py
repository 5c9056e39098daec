"""How long the dossiers of a question took, in total and by group."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from models.base import EPOCH
from service.domain.calendar.local_time import local_day
from service.domain.calendar.work_calendar import OfficeHours
from service.domain.statistics.durations import Durations, past_closing
from service.domain.statistics.questions import OVER_TIME, GroupKey, Question, Report
from service.reporting.counting.counts_over_time import buckets_of
from service.reporting.counting.group_names import name_groups
from service.reporting.report import Counting
from service.store.statistics.durations import Asked, handled_dossiers
from service.store.statistics.groups import Key

MERGED_UNDER = 5
"""Procedures with fewer dossiers stand together in one group: one or two people would be recognised."""

OTHER_PROCEDURES = GroupKey(None, f"Thủ tục khác (dưới {MERGED_UNDER} hồ sơ)")


@dataclass(frozen=True)
class DurationGroup:
    """The durations of one group, and of its own groups. sent: False for units that never sent anything."""

    key: GroupKey
    durations: Durations
    groups: tuple["DurationGroup", ...] = ()
    sent: bool = True


@dataclass(frozen=True)
class DurationReport:
    """The answer: the report of the same question, by which moment dossiers belong to its period, and the durations."""

    question: Question
    report: Report
    by: str
    total: Durations
    groups: tuple[DurationGroup, ...]


def durations(session: Session, question: Question, by: str, hours: OfficeHours) -> DurationReport:
    """Measure the dossiers that were resolved in a period, or of those received in it the ones resolved by `as_of`."""
    counting = Counting.of(session, question, hours)
    measured = _Measuring(counting, by, hours).by_group()
    groups = _groups(counting, measured, question.group_by)
    return DurationReport(question, counting.report(), by, _sum(measured.values()), groups)


class _Measuring:
    """Reads the dossiers of a question and adds up their durations."""

    def __init__(self, counting: Counting, by: str, hours: OfficeHours) -> None:
        self._counting = counting
        period, m = counting.question.period, counting.counted_until
        by_receipt = by == "received"
        received = (period.start, m) if by_receipt else (EPOCH, m)
        ended = (period.start, counting.question.as_of if by_receipt else m)
        self._asked = Asked(ended, received, by_receipt, past_closing(hours))

    def by_group(self) -> dict[Key, Durations]:
        """Return the durations by the values of the groupings."""
        counting, names = self._counting, self._counting.question.group_by
        columns = tuple("moment" if name in OVER_TIME else name for name in names)
        groups: dict[Key, Durations] = {}
        buckets = {place: self._bucket_of(name) for place, name in enumerate(names) if name in OVER_TIME}
        for key, handled in handled_dossiers(counting.session, counting.members, self._asked, columns):
            group = tuple(buckets[place](part) if place in buckets else part for place, part in enumerate(key))
            groups.setdefault(group, Durations()).add(counting.work, handled)
        return groups

    def _bucket_of(self, grain: str) -> Callable[[date], int]:
        firsts = [
            bucket.first
            for bucket in buckets_of(self._counting.question, grain, local_day(self._counting.counted_until))
        ]
        return lambda day: bisect_right(firsts, day) - 1


def _groups(counting: Counting, measured: dict[Key, Durations], by: tuple[str, ...]) -> tuple[DurationGroup, ...]:
    """Return the groups of the first grouping in order, each with those of the second, if there is one."""
    if not by:
        return ()
    outer, *inner = by
    rows: dict[Any, dict[Key, Durations]] = {}
    for (first, *rest), one in measured.items():
        rows.setdefault(first, {})[tuple(rest)] = one
    silent = counting.never_heard() if outer == "unit" else set()
    groups = []
    for key, name in _names(counting, outer, rows).items():
        row = rows.get(key, {})
        groups.append(DurationGroup(name, _sum(row.values()), _groups(counting, row, tuple(inner)), key not in silent))
    return tuple(_without_few(groups) if outer == "procedure" else groups)


def _names(counting: Counting, grouping: str, keys: Iterable[Any]) -> dict[Any, GroupKey]:
    if grouping in OVER_TIME:
        buckets = buckets_of(counting.question, grouping, local_day(counting.counted_until))
        return {place: GroupKey(bucket.name, bucket.label) for place, bucket in enumerate(buckets)}
    return name_groups(counting.session, counting.tree, counting.question, grouping, list(keys))


def _without_few(groups: list[DurationGroup]) -> list[DurationGroup]:
    """Merge the procedures of so few dossiers that people would be recognised."""
    few = [group for group in groups if group.durations.dossiers + group.durations.unmeasured < MERGED_UNDER]
    if not few:
        return groups
    merged = DurationGroup(OTHER_PROCEDURES, _sum(group.durations for group in few))
    return [*(group for group in groups if group not in few), merged]


def _sum(parts: Iterable[Durations]) -> Durations:
    total = Durations()
    for part in parts:
        total += part
    return total
