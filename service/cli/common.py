"""What commands share: the service behind them, the moment, and refusals told without a traceback."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import click
from flask import current_app
from sqlalchemy.exc import DatabaseError

from service.components import Components
from service.domain.statistics.questions import UnknownUnit
from service.formats.headings import FileError
from service.ingest.catalogue_import import ImportRefused
from service.schemas.question_input import QueryError
from service.store import migrations
from service.store.sources import SourceError

REFUSALS = (SourceError, QueryError, FileError, ImportRefused)
"""Errors that a use case raises to tell the caller what to do; they end a command with exit code 2."""


def parts() -> Components:
    """Return the parts of the service that commands work on."""
    found: Components = current_app.extensions["tthc"]
    return found


def now() -> datetime:
    """Return the moment of the command, read once by each."""
    return datetime.now(UTC)


def tell_refusals(command: click.Command) -> None:
    """Turn a use case's refusal into a message and exit code 2."""
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            tell_refusals(inner)
        return
    command.callback = _told(command.callback) if command.callback else None


def _told(callback: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return callback(*args, **kwargs)
        except REFUSALS as error:
            raise click.UsageError(str(error)) from None
        except UnknownUnit as error:
            raise click.UsageError(f"Không có đơn vị {error} (no such unit); xem `units list`") from None
        except DatabaseError as error:
            if migrations.current(parts().database) == migrations.head():
                raise
            told = "Cơ sở dữ liệu chưa được nâng cấp; chạy `db upgrade` (the database must be upgraded first)"
            raise click.UsageError(told) from error

    return wrapped
