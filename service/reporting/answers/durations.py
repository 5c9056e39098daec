"""How long the dossiers of a question took, in total and by group."""

from bisect import bisect_right
from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from models.base import EPOCH
from service.domain.calendar.work_calendar import OfficeHours
from service.domain.statistics.durations import Durations, past_closing
from service.domain.statistics.questions import OVER_TIME, GroupKey, Question, Report
from service.reporting.counting.group_names import name_groups
from service.reporting.report import Counting
from service.store.statistics.durations import handled_dossiers
from service.store.statistics.groups import Key

MERGED_UNDER = 5
"""Procedures with fewer dossiers are merged into one group, so that nobody is recognised."""
OTHER_PROCEDURES = GroupKey(None, f"Thủ tục khác (dưới {MERGED_UNDER} hồ sơ)")


class DurationGroup(NamedTuple):
    """The durations of one group, and of its groups by the second grouping. sent: False if it never sent anything."""

    key: GroupKey
    durations: Durations
    groups: tuple["DurationGroup", ...] = ()
    sent: bool = True


class DurationReport(NamedTuple):
    """The answer: the durations, and the report of the same question. by: "ended" or "received", see `durations`."""

    report: Report
    by: str
    total: Durations
    groups: tuple[DurationGroup, ...]


def durations(session: Session, question: Question, by: str, hours: OfficeHours) -> DurationReport:
    """Measure the dossiers that ended in a period (by="ended"), or those received in it that ended by `as_of`."""
    counting = Counting.of(session, question, hours)
    measured = _measured(counting, by)
    total = sum(measured.values(), Durations())
    if question.filters.procedure:
        measured, total = _unless_few(measured), _unless_few({(): total})[()]
    groups = _groups(counting, measured, question.group_by)
    report = replace(counting.report(), question=counting.question)
    return DurationReport(report, by, total, groups)


def _measured(counting: Counting, by: str) -> dict[Key, Durations]:
    """Return the durations by the values of the groupings; a day or month is given by its place in the series."""
    question, until = counting.question, counting.counted_until
    moments = {"start": question.period.start, "until": until, "received_from": EPOCH, "received_until": until}
    if by == "received":
        moments |= {"until": question.as_of, "received_from": question.period.start}
    columns = tuple("moment" if name in OVER_TIME else name for name in question.group_by)
    grains = [name for name in question.group_by if name in OVER_TIME]
    firsts = [bucket.first for grain in grains for bucket in question.buckets(grain, counting.last)]
    moved = past_closing(counting.work.office_hours)
    groups: dict[Key, Durations] = {}
    for key, handled in handled_dossiers(counting.session, counting.members, moments, moved, by, columns):
        group = tuple(bisect_right(firsts, part) - 1 if isinstance(part, date) else part for part in key)
        groups.setdefault(group, Durations()).add(counting.work, handled)
    return groups


def _groups(counting: Counting, measured: dict[Key, Durations], by: tuple[str, ...]) -> tuple[DurationGroup, ...]:
    """Return the groups of the first grouping in order, each with those of the second, if there is one."""
    if not by:
        return ()
    outer, *inner = by
    rows: dict[Any, dict[Key, Durations]] = {}
    for (first, *rest), measured_group in measured.items():
        rows.setdefault(first, {})[tuple(rest)] = measured_group
    silent = counting.never_heard() if outer == "unit" else set()
    groups = []
    for key, name in _names(counting, outer, rows).items():
        row = rows.get(key, {})
        cells = _unless_few(row) if outer == "procedure" else row
        total, inside = sum(row.values(), Durations()), _groups(counting, cells, tuple(inner))
        groups.append(DurationGroup(name, total, inside, key not in silent))
    return tuple(_without_few(groups) if outer == "procedure" else groups)


def _names(counting: Counting, grouping: str, keys: Collection[Any]) -> dict[Any, GroupKey]:
    if grouping in OVER_TIME:
        buckets = enumerate(counting.question.buckets(grouping, counting.last))
        return {place: GroupKey(bucket.name, bucket.label) for place, bucket in buckets}
    return name_groups(counting.session, counting.tree, counting.question, grouping, keys)


def _dossiers(durations: Durations) -> int:
    return durations.dossiers + durations.unmeasured


def _unless_few(groups: dict[Key, Durations]) -> dict[Key, Durations]:
    """Return a procedure's groups; how long none took, if one has so few dossiers that a person could be recognised."""
    is_few = any(_dossiers(one) < MERGED_UNDER for one in groups.values())
    return {key: Durations(unmeasured=_dossiers(one)) for key, one in groups.items()} if is_few else groups


def _without_few(groups: list[DurationGroup]) -> list[DurationGroup]:
    """Merge procedures with so few dossiers that a person could be recognised."""
    few = [group for group in groups if _dossiers(group.durations) < MERGED_UNDER]
    if not few:
        return groups
    merged = DurationGroup(OTHER_PROCEDURES, sum((group.durations for group in few), Durations()))
    return [*(group for group in groups if group not in few), merged]
