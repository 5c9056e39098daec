"""Commands on dossiers: import a file, and what is wrong with the data."""

import shutil
from pathlib import Path
from tempfile import TemporaryFile

import click
from flask.cli import AppGroup
from tqdm import tqdm

from service.cli.common import now, parts
from service.formats.files import read_file
from service.formats.json_records import JsonLimits
from service.ingest.batch import Summary
from service.ingest.file_import import RejectedRows, import_rows
from service.ingest.pipeline import Sender
from service.store import sources

dossiers_group = AppGroup("dossiers", help="Hồ sơ / dossiers.")


@dossiers_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", "source_code", required=True, help="mã nguồn / source code")
@click.option("--dry-run", is_flag=True, help="chỉ xem thử, không lưu / show what would happen")
@click.option("--rejected", type=click.Path(path_type=Path), help="nơi ghi các dòng bị từ chối / file of rejected rows")
def dossiers_import(file: Path, source_code: str, dry_run: bool, rejected: Path | None) -> None:
    """Import dossiers from .csv, .xlsx, .ndjson or .json, all of them or none when the file is broken."""
    target = rejected or file.with_name(f"{file.stem}-bi-tu-choi.csv")
    with TemporaryFile("w+", encoding="utf-8-sig", newline="") as text:
        refused = RejectedRows(text)
        summary = _import(file, source_code, dry_run, refused)
        if refused.count:
            text.seek(0)
            with target.open("w", encoding="utf-8-sig", newline="") as kept:
                shutil.copyfileobj(text, kept)
    click.echo("Xem thử, không lưu gì (dry run, nothing is stored)" if dry_run else "Đã nhập (imported)")
    for name in ("received", "created", "updated", "unchanged", "stale", "rejected"):
        click.echo(f"{name:10}{getattr(summary, name):>10}")
    if refused.count:
        click.echo(f"Các dòng bị từ chối (rejected rows): {target}")
    if summary.received and summary.rejected == summary.received:
        raise SystemExit(1)


def _import(file: Path, source_code: str, dry_run: bool, refused: RejectedRows) -> Summary:
    service, settings = parts(), parts().settings
    rows = read_file(
        file, file.suffix.lower(), settings.max_unpacked_mb, JsonLimits(settings.max_array_mb, settings.max_records)
    )
    shown = tqdm(rows, desc="Nhập hồ sơ", unit=" dòng", disable=None)
    with service.database.reading() as session:
        sender = Sender(sources.pushing(session, source_code), f"import-{now():%Y%m%dT%H%M%S}")
    return import_rows(service, sender, shown, now, refused, dry_run=dry_run)
