"""Commands on dossiers that two sources sent: list the pairs that may be the same, and decide on them."""

import click
from flask.cli import AppGroup

from service.cli.common import components, now
from service.ingest.rework import duplicates
from service.store import sources
from service.store.duplicates.pairs import CANDIDATE, CONFIRMED

duplicates_group = AppGroup("duplicates", help="Hồ sơ trùng giữa hai nguồn / the same dossier from two sources.")
_STATES = {CANDIDATE: "chờ xác nhận / candidate", CONFIRMED: "đã gộp / confirmed"}


@duplicates_group.command("list")
def duplicates_list() -> None:
    """List the pairs that may be the same, and those that were confirmed: SOURCE/CODE, SOURCE/CODE, state, reason."""
    pairs = duplicates.search(components(), now())
    with components().database.reading() as session:
        codes = {source.id: source.code for source in sources.all_sources(session)}
    for pair in pairs:
        if pair.state in _STATES:
            first, second = (f"{codes[one.source_id]}/{one.code}" for one in (pair.first, pair.second))
            click.echo(f"{first}\t{second}\t{_STATES[pair.state]}\t{pair.reason}")
    for state, words in _STATES.items():
        click.echo(f"{sum(pair.state == state for pair in pairs)} {words}", err=True)


@duplicates_group.command("confirm")
@click.argument("first")
@click.argument("second")
def duplicates_confirm(first: str, second: str) -> None:
    """Say that two dossiers are the same: FIRST is counted, SECOND is not any more."""
    duplicates.confirm(components(), first, second, now())
    click.echo(f"Chỉ đếm {first}; {second} đã gộp vào đó (only the first is counted)", err=True)


@duplicates_group.command("refuse")
@click.argument("first")
@click.argument("second")
def duplicates_refuse(first: str, second: str) -> None:
    """Say that two dossiers are not the same: both are counted, and they are listed no more."""
    duplicates.refuse(components(), first, second, now())
    click.echo(f"{first} và {second} là hai hồ sơ, đều được đếm (they are two; both are counted)", err=True)
