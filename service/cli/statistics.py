"""Commands that read: the statistics of a unit, and the quality of data."""

import sys

import click
import orjson

from service.cli.common import components, now
from service.domain.dossier.data_warnings import WARNINGS
from service.domain.units import as_asked
from service.reporting.answers.comparison_json import answer_json
from service.reporting.report import report
from service.reporting.report_json import overdue_text, percent_text
from service.schemas.question_input import read_question
from service.store.quality import quality

_OPTIONS = (
    "period from to as-of formula decimals honest-ends group-by subtree calendar structure channel field procedure"
    " level depth compare"
)


@click.command("stats", params=[click.Option([f"--{name}"]) for name in _OPTIONS.split()])
@click.option("--unit", required=True)
@click.option("--json", "as_json", is_flag=True)
def stats(unit: str, as_json: bool, **options: str | None) -> None:
    """Print the statistics of a unit, as /api/v1/stats gives them."""
    service = components()
    args = {name: value for name, value in options.items() if value is not None}
    requested = read_question(unit, args, now(), service.settings.calendar, service.settings.coverage_working_days)
    with service.database.reading() as session:
        answered = report(session, requested.question, service.hours)
    content = answer_json(answered, answered.stale(service.settings.stale_after), requested.all_formulas)
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n")
        return
    click.echo(f"{answered.unit.code} {answered.unit.name or ''} – {answered.question.period.label}")
    for name, number in content["counts"].items():
        click.echo(f"{name:22}{number:>12}")
    for rates in answered.rates:
        for name, rate in rates.rates.items():
            parts_text = f"{rate.numerator}/{rate.denominator}"
            click.echo(f"{rates.formula.id + ' ' + name:22}{percent_text(rate.percent):>12}  = {parts_text}")
        if overdue := overdue_text(rates, "vi"):
            click.echo(f"{rates.formula.id} {overdue}")
    for group in content["groups"]:
        counts = group["counts"]
        click.echo(
            f"  {group['key']['code'] or '–'}\t{group['key']['name'] or ''}\t{counts['workload']}"
            f"\t{counts['early_or_on_time']}\t{counts['late']}"
        )


@click.command("quality")
@click.option("--source", "source_code", help="mã nguồn / source code")
@click.option("--unit", help="mã đơn vị, gồm cả cấp dưới / unit with its subtree")
def quality_command(source_code: str | None, unit: str | None) -> None:
    """Print what is wrong with the data that sources sent, by kind, source and unit."""
    code = as_asked(unit) if unit else None
    with components().database.reading() as session:
        counted = quality(session, source_code, code)
    click.echo(f"Hồ sơ có cảnh báo (dossiers with warnings): {counted.warned}")
    for kind, count in counted.kinds.most_common():
        click.echo(f"{count:>10}  {kind:30}{WARNINGS[kind].vi} ({WARNINGS[kind].en})")
    for group in counted.groups:
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(group.kinds.items()))
        click.echo(f"{group.source}\t{group.unit.code}\t{group.unit.name or '–'}\t{group.warned}\t{kinds}")
