"""Commands that read: units and statistics."""

import sys

import click
import orjson
from flask.cli import AppGroup

from service.cli.common import now, parts
from service.schemas.answers import percent_text, stats_json
from service.schemas.queries import ask
from service.usecases import catalogue
from service.usecases.report import report

units_group = AppGroup("units", help="Đơn vị / units.")


@units_group.command("list")
def units_list() -> None:
    """List the units as a tree."""
    with parts().database.reading() as session:
        tree = catalogue.unit_tree(session)

    def show(parent: str | None, depth: int) -> None:
        for unit in catalogue.by_name(tree.children(parent)):
            mark = "  (tạm / provisional)" if unit.provisional else ""
            click.echo(f"{'  ' * depth}{unit.code}  {unit.name or '–'}{mark}")
            show(unit.code, depth + 1)

    show(None, 0)


@click.command("stats")
@click.option("--unit", required=True)
@click.option("--period")
@click.option("--from", "from_")
@click.option("--to")
@click.option("--as-of", "as_of")
@click.option("--formula")
@click.option("--decimals")
@click.option("--honest-ends", "honest_ends")
@click.option("--group-by", "group_by")
@click.option("--subtree")
@click.option("--calendar")
@click.option("--structure")
@click.option("--json", "as_json", is_flag=True)
def stats(unit: str, from_: str | None, as_json: bool, **given: str | None) -> None:
    """Print the statistics of a unit, as /api/v1/stats gives them."""
    service = parts()
    args = {name: value for name, value in {**given, "from": from_}.items() if value is not None}
    asked = ask(unit, args, now(), service.settings.calendar)
    with service.database.reading() as session:
        found = report(session, asked.question, service.hours)
    content = stats_json(found, found.stale(service.settings.stale_after), asked.all_formulas)
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n")
        return
    click.echo(f"{found.unit.code} {found.unit.name or ''} – {found.question.period.label}")
    for name, number in content["counts"].items():
        click.echo(f"{name:22}{number:>12}")
    for rates in found.question.rates(found.counts):
        for name, rate in rates.rates.items():
            parts_text = f"{rate.numerator}/{rate.denominator}"
            click.echo(f"{rates.formula.id + ' ' + name:22}{percent_text(rate.percent):>12}  = {parts_text}")
    for group in content["groups"]:
        counts = group["counts"]
        click.echo(
            f"  {group['key']['code'] or '–'}\t{group['key']['name'] or ''}\t{counts['workload']}"
            f"\t{counts['early_or_on_time']}\t{counts['late']}"
        )
