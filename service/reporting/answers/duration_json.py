"""Durations as plain values, and as a table."""

from collections.abc import Iterator
from typing import Any

from service.domain.statistics.durations import Durations
from service.domain.statistics.questions import GroupKey
from service.domain.statistics.rounding import half_up
from service.reporting.answers.durations import DurationGroup, DurationReport
from service.reporting.report_json import about_json
from service.reporting.report_table import QUESTION_COLUMNS, Cell, key_columns, question_cells


def durations_json(measured: DurationReport, stale: bool) -> dict[str, Any]:
    """Return the answer of /api/v1/durations."""
    question = measured.report.question
    return {
        **about_json(measured.report, stale),
        "by": measured.by,
        **_numbers(measured.total, question.decimals),
        "groups": [_group_json(group, question.decimals, len(question.group_by)) for group in measured.groups],
    }


def _group_json(group: DurationGroup, decimals: int, groupings: int) -> dict[str, Any]:
    numbers = _numbers(group.durations, decimals)
    key = {"code": group.key.code, "name": group.key.name}
    content = {"key": key, **(numbers if group.sent else dict.fromkeys(numbers))}
    if groupings > 1:
        content["groups"] = [_group_json(inner, decimals, 1) for inner in group.groups]
    return content


def _numbers(durations: Durations, decimals: int) -> dict[str, Any]:
    return {
        "dossiers": durations.dossiers,
        "unmeasured": durations.unmeasured,
        "mean": None if durations.mean is None else half_up(durations.mean, decimals),
        "median": durations.median,
        "p90": durations.p90,
        "histogram": _classes(durations.histogram()),
        "to_deadline": _classes(durations.distances()),
    }


def _classes(counted: dict[int, int]) -> list[dict[str, int]]:
    return [{"working_days": days, "dossiers": count} for days, count in counted.items()]


def duration_rows(measured: DurationReport) -> Iterator[list[Cell]]:
    """Yield the heading, then for each group and the total a row for each number of working days."""
    question = [*question_cells(measured.report), measured.by]
    groupings = max(len(measured.report.question.group_by), 1)
    yield [*key_columns(groupings), "working_days", "dossiers", *QUESTION_COLUMNS, "by"]
    total = DurationGroup(measured.report.total.key, measured.total)
    for path, durations in [*_cells(measured.groups), *_cells((total,))]:
        names: list[Cell] = [part for key in path for part in (key.code, key.name)]
        padding: list[Cell] = [None] * (2 * groupings - len(names))
        for days, count in durations.histogram().items():
            yield [*names, *padding, days, count, *question]


def _cells(groups: tuple[DurationGroup, ...]) -> Iterator[tuple[list[GroupKey], Durations]]:
    for group in groups:
        if group.groups:
            yield from (([group.key, *path], durations) for path, durations in _cells(group.groups))
        else:
            yield [group.key], group.durations
