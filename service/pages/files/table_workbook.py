"""An answer by groups as a workbook for people: headings in words, numbers as numbers, the question on top."""

import io
from collections.abc import Iterator
from dataclasses import replace

import xlsxwriter

from service.domain.calendar.local_time import local_clock
from service.domain.statistics.count_names import COUNT_NAMES
from service.domain.statistics.counts import Counts
from service.domain.statistics.questions import GroupCounts, GroupKey, Report
from service.pages.labels import RATES, in_language
from service.reporting.answers.durations import MERGED_UNDER
from service.reporting.report_json import group_counts

_COUNTS = (
    "workload", "carried_over", "received", "early", "on_time", "late", "no_deadline", "withdrawn", "stopped",
    "in_progress", "open_in_time", "open_overdue", "paused",
)  # fmt: skip
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
Cell = str | float | None


def table_workbook(report: Report, lang: str) -> bytes:
    """Return a report as one sheet: a row for each group and the total; texts are never formulas."""
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, _OPTIONS) as book:
        bold, whole = book.add_format({"bold": True, "text_wrap": True, "valign": "top"}), book.add_format()
        whole.set_num_format("#,##0")
        sheet = book.add_worksheet()
        sheet.set_column(0, 0, 16)
        sheet.set_column(1, 1, 38)
        sheet.set_column(2, 2 + len(_COUNTS), 12, whole)
        sheet.set_column(2, 2, 12, book.add_format({"num_format": "0." + "0" * report.question.decimals}))
        question = _question(report, lang)
        for number, cells in enumerate([*question, *_rows(report, lang)]):
            sheet.write_row(number, 0, cells, bold if number == len(question) else None)
        sheet.freeze_panes(len(question) + 1, 2)
        sheet.set_row(len(question), 48)  # room for headings of three lines
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
    return output.getvalue()


def _question(report: Report, lang: str) -> list[list[Cell]]:
    """Return the lines above the table: the question, and how the rate is made."""
    say, question = in_language(lang), report.question
    formula = question.formulas[0]
    period = f"{question.period.first:%d/%m/%Y} – {question.period.last:%d/%m/%Y}"
    as_of = f"{say('Số liệu tính đến', 'As of')} {local_clock(question.as_of)}"
    heard = f"{report.coverage.heard}/{report.coverage.expected} {say('đơn vị đã gửi số liệu', 'units were heard')}"
    return [
        [f"{report.unit.name or report.unit.code} ({report.unit.code})"],
        [f"{say(question.period.label, question.period.label_en)}: {period}. {as_of}. {heard}."],
        [f"{say(*formula.title)} ({formula.id}): {formula.explanation(lang)}"],
        [],
    ]


def _rows(report: Report, lang: str) -> Iterator[list[Cell]]:
    say = in_language(lang)
    rate = RATES[report.question.formulas[0].headline][lang == "en"]
    names = [getattr(COUNT_NAMES[name], lang) for name in _COUNTS]
    yield [say("Mã", "Code"), say("Tên", "Name"), f"{rate}, %", *(name[0].upper() + name[1:] for name in names)]
    for group in _groups(report, lang):
        yield _row(report, group)
    yield _row(report, replace(report.total, key=GroupKey(report.unit.code, say("Tổng số", "Total"))))


def _groups(report: Report, lang: str) -> list[GroupCounts]:
    """Return the groups; procedures with so few dossiers that a person could be recognised make one group."""
    if report.question.group_by[:1] != ("procedure",):
        return report.groups
    many = [group for group in report.groups if group.counts.workload >= MERGED_UNDER]
    few = [group for group in report.groups if group.counts.workload < MERGED_UNDER]
    if not few:
        return report.groups
    name = in_language(lang)(
        f"Các thủ tục dưới {MERGED_UNDER} hồ sơ ({len(few)})", f"Procedures under {MERGED_UNDER} dossiers ({len(few)})"
    )
    counts = sum((group.counts for group in few), Counts())
    return [*many, GroupCounts(GroupKey(None, name), counts, counts.in_progress)]


def _row(report: Report, group: GroupCounts) -> list[Cell]:
    """Return a group's cells; what is not known is left empty."""
    key, counts = [group.key.code, group.key.name], group_counts(group)
    if not group.sent:
        return [*key]
    rates = report.question.rates(group.counts)[0]
    percent = rates.headline.percent if group.knows(rates.formula) else None
    return [*key, None if percent is None else float(percent), *(counts[name] for name in _COUNTS)]
