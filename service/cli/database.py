"""Commands on the database: its schema, its tallies, the demonstration."""

import sys

import click
from flask.cli import AppGroup

from service import demonstration
from service.cli.common import components, now
from service.formats.messages import told
from service.ingest import tally_recount
from service.store import job_runs, migrations

db = AppGroup("db", help="Cơ sở dữ liệu / the database.")
tallies_group = AppGroup("tallies", help="Bảng cộng dồn / tallies.")
demo_group = AppGroup("demo", help="Dữ liệu minh họa / the demonstration.")


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the database to the newest schema."""
    schema = migrations.upgrade(components().database)
    click.echo(f"Cơ sở dữ liệu ở phiên bản {schema.current} (database is up to date)", err=True)


@tallies_group.command("verify")
@click.option("--repair", is_flag=True, help="ghi lại cho đúng / write the recounted numbers")
def tallies_verify(repair: bool) -> None:
    """Recount everything from the dossiers; exit 1 and the differences when any count is off."""
    database, off = components().database, 0
    with database.reading(patient=True) as session:
        for part in tally_recount.recount(session, progress=sys.stderr.isatty()):
            if repair:
                tally_recount.mend(database, part)
            off += len(lines := part.lines())
            click.echo("\n".join(lines))
    if repair:
        with database.writing() as session:
            job_runs.correct_result(session, "verify-tallies", {"rows_off": 0})
    state = "đã sửa / repaired" if repair else "lệch / off"
    click.echo(f"{off} dòng {state}" if off else "Khớp / all counts agree", err=True)
    if off and not repair:
        raise SystemExit(1)


@demo_group.command("load")
def demo_load() -> None:
    """Load the demonstration: huyện Tứ Kỳ, January to October 2023 (made up; the totals are real)."""
    service = components()
    with service.database.writing() as session:
        summary = demonstration.load(session, now(), service.hours, progress=sys.stderr.isatty())
    click.echo(told("demo_loaded", summary=summary, path=demonstration.WIDGET_PATH), err=True)


@demo_group.command("remove")
def demo_remove() -> None:
    """Remove the demonstration: its dossiers, its source, and its units that nobody else uses."""
    with components().database.writing() as session:
        count = demonstration.remove(session)
    click.echo(f"Đã xóa {count} hồ sơ minh họa (demonstration dossiers removed)", err=True)
