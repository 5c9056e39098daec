"""Whether the disk takes what the service writes: the database's file or server, and the folder for temporary files."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import text

from service.store.database import Database
from service.store.engines.unavailable import REASON, Reason, reason_of

_LEAST_FREE = 16 * 1024 * 1024
"""SQLite's journal needs room beside the file; with less than this the next push may fail."""

_READ_ONLY = text("SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on'")


def storage_faults(database: Database) -> list[Reason]:
    """Return why the next push could not be stored, [] when it can; takes no lock."""
    return [*_temporary_files(), *(_sqlite(database) if database.is_sqlite else _postgresql(database))]


def _temporary_files() -> Iterator[Reason]:
    try:
        with tempfile.TemporaryFile() as file:
            file.write(b"\0" * 4096)
    except OSError as error:
        yield _at(reason_of(error) or REASON["file"], tempfile.tempdir)


def _sqlite(database: Database) -> Iterator[Reason]:
    file = Path(str(database.url.database))
    if not (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)):
        yield _at(REASON["read_only"], file)
    elif shutil.disk_usage(file.parent).free < _LEAST_FREE:
        yield _at(REASON["disk_full"], file)


def _postgresql(database: Database) -> Iterator[Reason]:
    with database.reading() as session:
        if session.scalar(_READ_ONLY):
            yield REASON["read_only"]


def _at(reason: Reason, place: Path | str | None) -> Reason:
    """Add to the advice the place, and how much is free there."""
    try:
        free = f", còn trống {shutil.disk_usage(place or '.').free:,} byte (bytes free)"
    except OSError:
        free = ""
    return reason._replace(advice=f"{reason.advice}: {place or 'TMPDIR'}{free if place else ''}")
