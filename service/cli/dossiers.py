"""Commands on dossiers: import a file, and tell a clerk what became of it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from functools import partial
from itertools import count
from pathlib import Path
from typing import IO, Any

import click
from flask.cli import AppGroup
from tqdm import tqdm

from service.cli.common import components, now
from service.domain.json_beside import json_beside
from service.formats.files import FileToImport
from service.formats.registers.passed_over import KINDS_VI
from service.formats.rejected_rows import RejectedRows
from service.ingest.batch import LISTED
from service.ingest.file_import import ImportSummary, import_file, settled_headings
from service.ingest.sender import Sender
from service.store import sources

dossiers_group = AppGroup("dossiers", help="Hồ sơ / dossiers.")
_SHOWN = 10
"""How many of the rejected rows are shown on the terminal; the file of rejected rows has all."""
_COUNTS: dict[str, str] = json_beside(__file__)
"""What each count is called."""


@dossiers_group.command("import")
@click.argument("file", metavar="TỆP", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", "source_code", required=True, help="mã nguồn / source code")
@click.option("--dry-run", is_flag=True, help="chỉ xem thử, không lưu / show what would happen")
@click.option("--strict", is_flag=True, help="có cột hay trường lạ thì từ chối / refuse what is unknown")
@click.option("--sheet", help="chỉ đọc trang này / the only sheet to read")
@click.option(
    "--map", "mapped", multiple=True, metavar="'TIÊU ĐỀ=TÊN CHUẨN'", help="tiêu đề này là cột nào / what a heading is"
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
    """Import dossiers from .csv, .xlsx, .xls, .ndjson or .json, all of them or none when the file is broken.

    Exit code 0: rows were stored (rejected ones are told). 1: none was, or a sheet without headings seems to hold
    dossiers, or the file of rejected rows could not be written. 2: refused, nothing is stored.
    """
    headings = settled_headings(list(mapped), list(ignored))
    to_import = FileToImport(file, file.suffix.lower(), sheet, headings, strict)
    moment = now()
    with components().database.reading() as session:
        sender = Sender(sources.pushing(session, source_code), f"import-{moment:%Y%m%dT%H%M%S}")
    progress = partial(tqdm, desc="Nhập hồ sơ", unit=" dòng", disable=None)
    with closing(RejectedRows()) as refused:
        summary = import_file(components(), sender, to_import, now, refused, dry_run=dry_run, progress=progress)
        _tell(summary, dry_run)
        target = rejected or (None if dry_run else file.with_name(f"{file.stem}-bi-tu-choi.xlsx"))
        kept = not refused.count or target is None or _keep(refused, target)
    left = any(sheet["dossiers"] for sheet in summary.reading.sheets)
    if left or not kept or 0 < summary.counts.received == summary.counts.rejected:
        raise SystemExit(1)


def _tell(summary: ImportSummary, dry_run: bool) -> None:
    click.echo("Xem thử, không lưu gì (dry run, nothing is stored)" if dry_run else "Đã nhập (imported)")
    counts, report = summary.counts, summary.reading
    numbers = {**vars(counts), "passed_over": report.passed_over.total()}
    for name, meant in _COUNTS.items():
        click.echo(f"{meant:26}{name:11}{numbers[name]:>9}")
    _list("Lưu ý (notes)", report.notes, len(report.notes))
    unread = [f"{sheet['name']}: {sheet['unread']}" for sheet in report.sheets if sheet["unread"]]
    _list("Trang không đọc (sheets left unread)", unread, len(unread))
    columns = (f"{_on(each['sheet'])}cột {each['column']} “{each['heading']}”" for each in report.columns)
    _list("Cột không đọc (columns left unread)", columns, len(report.columns))
    near = [f"{name}: {meant}" for name, meant in summary.unknown_fields.items() if meant]
    _list("Trường lạ, có lẽ là (unknown, perhaps meant)", near, len(near))
    passed = _in_runs((sheet, KINDS_VI[kind], first, last) for sheet, first, last, kind in report.rows)
    kinds = (f"{on}{kind}: {rows}" for on, kind, rows in passed)
    _list("Dòng bỏ qua (rows passed over)", kinds, numbers["passed_over"])
    warned = (f"{on}{rows}: {message}" for on, message, rows in _in_runs(_warned(counts.warnings)))
    _list("Cảnh báo (warnings)", warned, len(counts.warnings))
    if len(counts.warnings) >= LISTED:
        click.echo(f"  … chỉ {LISTED} dòng đầu có cảnh báo được kể (only the first {LISTED} are named)")
    _list("Dòng bị từ chối (rejected)", _rejections(counts.rejections[:_SHOWN]), counts.rejected)
    if counts.rejected > _SHOWN:
        click.echo("  … tất cả ở tệp các dòng bị từ chối; xem thử thì thêm --rejected TÊN.xlsx (all are in that file)")


def _list(title: str, entries: Iterable[str], number: int) -> None:
    if number:
        click.echo("\n  ".join((f"{title}: {number}", *entries)))


def _warned(entries: Iterable[dict[str, Any]]) -> Iterator[tuple[str | None, str, int, int]]:
    for entry in entries:
        row = entry.get("row", entry["index"] + 1)
        yield from ((entry.get("sheet"), warning["message"], row, row) for warning in entry["warnings"])


def _in_runs(rows: Iterable[tuple[str | None, str, int, int]]) -> Iterator[tuple[str, str, str]]:
    """Yield each sheet and text once, with its rows as a person writes them: `dòng (rows) 2–5, 9`."""
    places: dict[tuple[str | None, str], list[tuple[int, int]]] = defaultdict(list)
    for sheet, text, first, last in rows:
        runs = places[sheet, text]
        if runs and first == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], last)
        else:
            runs.append((first, last))
    for (sheet, text), runs in places.items():
        numbers = ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in runs)
        yield _on(sheet), text, f"dòng (rows) {numbers}"


def _on(sheet: str | None) -> str:
    return f"trang {sheet}, " if sheet else ""


def _rejections(entries: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield a line for each error; a reason that an earlier row had is replaced by that row's place."""
    first_places: dict[str, str] = {}
    for entry in entries:
        place = f"{_on(entry.get('sheet'))}dòng (row) {entry.get('row', entry['index'] + 1)}"
        for name, texts in entry["errors"].items():
            for text in texts:
                cell, colon, reason = text.partition("”: " if "”: " in text else ": ")
                first = first_places.get(reason)
                first_places.setdefault(reason, place)
                yield f"{place}: {name}: {f'{cell}{colon}như ở {first} (as there)' if first else text}"


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
        with suppress(FileExistsError):
            return path.open("xb")
    raise AssertionError
