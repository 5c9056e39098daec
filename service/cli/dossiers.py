"""Commands on dossiers: import a file, and tell a clerk what became of it."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import count, islice
from pathlib import Path
from typing import IO, Any

import click
from flask.cli import AppGroup
from tqdm import tqdm

from service.cli.common import components, now
from service.formats.files import FileToImport
from service.formats.registers.passed_over import KINDS_VI
from service.formats.registers.rows import FileRow
from service.formats.rejected_rows import RejectedRows
from service.ingest.file_import import ImportSummary, import_file, settled_headings
from service.ingest.sender import Sender
from service.store import sources

dossiers_group = AppGroup("dossiers", help="Hồ sơ / dossiers.")
_SHOWN = 10
"""How many entries of a list are shown on the terminal."""


@dossiers_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", "source_code", required=True, help="mã nguồn / source code")
@click.option("--dry-run", is_flag=True, help="chỉ xem thử, không lưu / show what would happen")
@click.option("--strict", is_flag=True, help="có cột hay trường lạ thì từ chối / refuse what is unknown")
@click.option("--sheet", help="chỉ đọc trang này / the only sheet to read")
@click.option(
    "--map", "mapped", multiple=True, metavar="'TIÊU ĐỀ=TRƯỜNG'", help="cột nào là trường nào / what a heading is"
)
@click.option("--ignore", "ignored", multiple=True, metavar="'TIÊU ĐỀ'", help="bỏ qua cột này / leave a column unread")
@click.option("--rejected", type=click.Path(path_type=Path), help="nơi ghi các dòng bị từ chối / file of rejected rows")
def dossiers_import(
    file: Path,
    source_code: str,
    dry_run: bool,
    strict: bool,
    sheet: str | None,
    mapped: tuple[str, ...],
    ignored: tuple[str, ...],
    rejected: Path | None,
) -> None:
    """Import dossiers from .csv, .xlsx, .xls, .ndjson or .json, all of them or none when the file is broken."""
    headings = settled_headings(list(mapped), list(ignored))
    to_import = FileToImport(file, file.suffix.lower(), sheet, headings, strict)
    moment = now()
    with components().database.reading() as session:
        sender = Sender(sources.pushing(session, source_code), f"import-{moment:%Y%m%dT%H%M%S}")
    with closing(RejectedRows()) as refused:
        summary = import_file(components(), sender, to_import, now, refused, dry_run=dry_run, progress=_progress)
        _tell(summary, dry_run)
        kept = not refused.count or _keep(refused, rejected or file.with_name(f"{file.stem}-bi-tu-choi.xlsx"))
    if not kept:
        raise SystemExit(1)
    if summary.counts.received and summary.counts.rejected == summary.counts.received:
        raise SystemExit(1)


def _progress(rows: Iterator[FileRow]) -> Iterable[FileRow]:
    shown: Iterable[FileRow] = tqdm(rows, desc="Nhập hồ sơ", unit=" dòng", disable=None)
    return shown


def _tell(summary: ImportSummary, dry_run: bool) -> None:
    click.echo("Xem thử, không lưu gì (dry run, nothing is stored)" if dry_run else "Đã nhập (imported)")
    counts, report = summary.counts, summary.report
    for name in ("received", "created", "updated", "unchanged", "stale", "rejected"):
        click.echo(f"{name:10}{getattr(counts, name):>10}")
    click.echo(f"{'passed_over':11}{report['passed_over']:>9}")
    if report["status_derived"]:
        click.echo("Tệp không có cột Trạng thái: trạng thái được suy ra từ các ngày (status derived from the dates)")
    unread = report["unread"]
    _list("Trang không đọc (sheets left unread)", (f"{sheet['name']}: {sheet['unread']}" for sheet in unread["sheets"]))
    _list("Cột không đọc (columns left unread)", (_column(column) for column in unread["columns"]))
    unknown = report.get("unknown_fields", {}).items()
    _list("Trường lạ, có lẽ là (unknown, perhaps meant)", (f"{name}: {near}" for name, near in unknown if near))
    _list("Dòng bỏ qua (rows passed over)", (f"{_place(row)}: {KINDS_VI[row['kind']]}" for row in unread["rows"]))
    _list("Cảnh báo (warnings)", map(_warning, counts.warnings))
    _list("Dòng bị từ chối (rejected)", map(_rejection, counts.rejections))


def _list(title: str, entries: Iterable[str]) -> None:
    lines = list(entries)
    if not lines:
        return
    click.echo(f"{title}: {len(lines)}")
    for line in islice(lines, _SHOWN):
        click.echo(f"  {line}")
    if len(lines) > _SHOWN:
        click.echo("  …")


def _place(entry: dict[str, Any]) -> str:
    sheet = f"{entry['sheet']}, " if entry.get("sheet") else ""
    return f"{sheet}dòng (row) {entry['row']}" if "row" in entry else f"#{entry['index'] + 1}"


def _column(column: dict[str, Any]) -> str:
    sheet = f"{column['sheet']}, " if column["sheet"] else ""
    return f"{sheet}{column['column']} “{column['heading']}”"


def _warning(entry: dict[str, Any]) -> str:
    return f"{_place(entry)}: {' '.join(warning['message'] for warning in entry['warnings'])}"


def _rejection(entry: dict[str, Any]) -> str:
    return f"{_place(entry)}: " + "; ".join(f"{name}: {' '.join(texts)}" for name, texts in entry["errors"].items())


def _keep(refused: RejectedRows, target: Path) -> bool:
    """Write the rejected rows beside the file, never over one that is there; say what happened."""
    try:
        with _new_file(target) as file:
            refused.write_workbook(file)
            click.echo(f"Các dòng bị từ chối, kèm lý do (rejected rows with reasons): {file.name}")
            return True
    except OSError as error:
        reason = f"Không ghi được tệp các dòng bị từ chối {target}: {error.strerror}; kết quả nhập ở trên vẫn đúng,"
        click.echo(
            f"{reason} dùng --rejected để ghi chỗ khác (the import stands; only this file was not written)", err=True
        )
        return False


def _new_file(target: Path) -> IO[bytes]:
    """Open a file that is not there yet: NAME.xlsx, NAME-2.xlsx, NAME-3.xlsx and so on."""
    for number in count(1):
        path = target if number == 1 else target.with_name(f"{target.stem}-{number}{target.suffix}")
        try:
            return path.open("xb")
        except FileExistsError:
            continue
    raise AssertionError
