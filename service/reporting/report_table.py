"""A report as a table: a row for each group, and the total.

A file is passed on without the address that it came from, so the question stands in the last columns of each row.
"""

from collections.abc import Iterator

from service.domain.calendar.local_time import local_iso
from service.domain.statistics.counts import Counts
from service.domain.statistics.questions import GroupCounts, GroupKey, Report
from service.reporting.answers.sureness import sureness_json
from service.reporting.report_json import filters_json, group_counts

Cell = str | int | None
QUESTION_COLUMNS = (
    "unit", "unit_name", "period", "from", "to", "as_of", "formula", "calendar", "structure", "filters", "expected",
    "heard",
)  # fmt: skip


def table_rows(report: Report) -> Iterator[list[Cell]]:
    """Yield the headings, a row for each group (with two groupings: for each cell), and the total."""
    groupings = max(len(report.question.group_by), 1)
    parts = ("", " low", " high") if report.question.interval else ("",)
    names = (f"{formula.id} {name}" for formula in report.question.formulas for name in formula.ratios)
    rates = [f"{name}{part} %" for name in names for part in parts]
    question = question_cells(report)
    yield [*key_columns(groupings), *Counts().as_dict(report.question.with_cohort), *rates, *QUESTION_COLUMNS]
    for path, group in _cells(report):
        yield [*_named(path), *_numbers(report, group), *question]
    padding: list[Cell] = [None] * (2 * (groupings - 1))
    yield [*_named([report.total.key]), *padding, *_numbers(report, report.total), *question]


def question_cells(report: Report) -> list[Cell]:
    """Return the question, in the order of QUESTION_COLUMNS."""
    question = report.question
    return [
        report.unit.code,
        report.unit.name,
        question.period.name,
        question.period.first.isoformat(),
        question.period.last.isoformat(),
        local_iso(question.as_of),
        " ".join(formula.id for formula in question.formulas),
        question.calendar.text(),
        question.structure,
        " ".join(f"{name}={value}" for name, value in filters_json(question.filters).items()),
        report.coverage.expected,
        report.coverage.heard,
    ]


def key_columns(groupings: int) -> list[str]:
    """Return the headings of the columns that name the groups: code, name, code_2, name_2."""
    endings = ("", *(f"_{number}" for number in range(2, groupings + 1)))
    return [f"{name}{ending}" for ending in endings for name in ("code", "name")]


def _cells(report: Report) -> Iterator[tuple[list[GroupKey], GroupCounts]]:
    """Yield the groups with their keys; with two groupings the cells, each with the keys of both."""
    for group in report.groups:
        if len(report.question.group_by) < 2:
            yield [group.key], group
        else:
            yield from (([group.key, cell.key], cell) for cell in group.groups)


def _named(path: list[GroupKey]) -> list[Cell]:
    return [text for key in path for text in (key.code, key.name)]


def _numbers(report: Report, group: GroupCounts) -> list[Cell]:
    counts: list[Cell] = [*group_counts(group, report.question.with_cohort).values()]
    percents: list[Cell] = []
    for rates in report.question.rates(group.counts):
        known = group.knows(rates.formula)
        for rate in rates.rates.values():
            percents.append(rate.percent if known else None)
            if report.question.interval:
                interval = sureness_json(rate, rates.decimals)["interval"] if known else None
                percents += [*interval.values()] if interval else [None, None]
    return counts + percents
