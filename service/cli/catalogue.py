"""Commands on catalogues: import and list units and procedures, import decisions on days, fill in deadlines."""

from pathlib import Path

import click
import orjson
from flask.cli import AppGroup

from service.cli.common import components, now
from service.formats.messages import told
from service.ingest.catalogues.days import import_calendar
from service.ingest.catalogues.lines import CatalogueFile, Imported
from service.ingest.catalogues.procedures import import_procedures
from service.ingest.catalogues.units import import_units
from service.ingest.rework.backfill import backfill
from service.reporting.procedures import procedure_rows
from service.store import catalogue

units_group = AppGroup("units", help="Đơn vị / units.")
procedures_group = AppGroup("procedures", help="Thủ tục / procedures.")
calendar_group = AppGroup("calendar", help="Lịch làm việc / the working calendar.")
deadlines_group = AppGroup("deadlines", help="Hạn trả tính từ thời hạn của thủ tục / deadlines from time limits.")
_FILE = click.argument("file", metavar="TỆP", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@units_group.command("import")
@_FILE
def units_import(file: Path) -> None:
    """Import units: code, name, level, parent_code, valid_from, valid_to, successor_codes."""
    with components().database.writing() as session:
        imported = import_units(session, _catalogue(file))
    _tell(imported)


@procedures_group.command("import")
@_FILE
def procedures_import(file: Path) -> None:
    """Import procedures: code, name, field_code, field_name, limit_amount, limit_unit, valid_from, valid_to.

    A new limit counts for dossiers that come from now on, and for those without a deadline; others keep theirs.
    """
    moment = now()
    with components().database.writing() as session:
        imported = import_procedures(session, _catalogue(file), components().hours, moment)
    _tell(imported)
    _tell_filled(backfill(components(), moment, imported.codes))  # known ones, too: an import may have ended here


@procedures_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="dạng JSON / as JSON")
def procedures_list(as_json: bool) -> None:
    """List the procedures with their time limits, each from the day on which it holds."""
    with components().database.reading() as session:
        rows = procedure_rows(session)
    if as_json:
        click.echo(orjson.dumps({"procedures": rows}, option=orjson.OPT_INDENT_2).decode())
        return
    for row in rows:
        limit = f"{row['limit_amount']} {row['limit_unit']}" if row["limit_amount"] else "–"
        first, last = row["valid_from"], row["valid_to"]
        period = f"  {first or '…'} → {last or '…'}" if first or last else ""
        click.echo(f"{row['code']}  {limit}{period}  {row['field_code'] or '–'}  {row['name'] or '–'}")


@calendar_group.command("import")
@_FILE
def calendar_import(file: Path) -> None:
    """Import decisions on single days: date, working (yes or no), reason."""
    with components().database.writing() as session:
        imported = import_calendar(session, _catalogue(file), components().hours, now())
    _tell(imported)


@deadlines_group.command("backfill")
@click.option("--dry-run", is_flag=True, help="chỉ đếm, không lưu / show what would happen")
def deadlines_backfill(dry_run: bool) -> None:
    """Give a deadline to dossiers that came before their procedure's time limit; those that have one keep it."""
    _tell_filled(backfill(components(), now(), dry_run=dry_run), dry_run)


def _catalogue(file: Path) -> CatalogueFile:
    return CatalogueFile(file, components().settings.max_unpacked_mb)


def _tell(imported: Imported) -> None:
    click.echo(f"Đã nhập {imported.lines} dòng ({imported.lines} lines imported)", err=True)
    if imported.notes:
        notes = ("Không đọc, bỏ qua hoặc đã sửa (left unread, passed over or mended):", *imported.notes)
        click.echo("\n  ".join(notes), err=True)


def _tell_filled(filled: int, dry_run: bool = False) -> None:
    click.echo(told("would_fill" if dry_run else "filled", count=filled), err=True)


@units_group.command("list")
def units_list() -> None:
    """List the units as a tree."""
    with components().database.reading() as session:
        tree = catalogue.unit_tree(session)

    def show(parent: str | None, depth: int) -> None:
        for unit in catalogue.by_name(tree.children(parent)):
            mark = "  (tạm / provisional)" if unit.provisional else ""
            click.echo(f"{'  ' * depth}{unit.code}  {unit.name or '–'}{mark}")
            show(unit.code, depth + 1)

    show(None, 0)
