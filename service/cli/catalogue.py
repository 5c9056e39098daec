"""Commands that import the catalogues: units, procedures, and decisions on working days."""

from collections.abc import Callable
from typing import BinaryIO

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from service.cli.common import parts
from service.ingest import catalogue_import
from service.store import catalogue

units_group = AppGroup("units", help="Đơn vị / units.")
procedures_group = AppGroup("procedures", help="Thủ tục / procedures.")
calendar_group = AppGroup("calendar", help="Lịch làm việc / the working calendar.")


def _take(file: BinaryIO, import_: Callable[[Session, bytes], int]) -> None:
    with parts().database.writing() as session:
        count = import_(session, file.read())
    click.echo(f"Đã nhập {count} dòng ({count} lines imported)", err=True)


@units_group.command("import")
@click.argument("file", type=click.File("rb"))
def units_import(file: BinaryIO) -> None:
    """Import units: code, name, level, parent_code, valid_from, valid_to, successor_codes."""
    _take(file, catalogue_import.import_units)


@procedures_group.command("import")
@click.argument("file", type=click.File("rb"))
def procedures_import(file: BinaryIO) -> None:
    """Import procedures: code, name, field_code, field_name, limit_amount, limit_unit."""
    _take(file, catalogue_import.import_procedures)


@calendar_group.command("import")
@click.argument("file", type=click.File("rb"))
def calendar_import(file: BinaryIO) -> None:
    """Import decisions on single days: date, working (yes or no), reason."""
    _take(file, catalogue_import.import_calendar)


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
