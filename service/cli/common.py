"""What commands share: the service behind them, the moment, and refusals told without a traceback."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import click
from flask import current_app
from sqlalchemy.exc import DatabaseError

from service.components import Components
from service.domain.errors import CallerError
from service.store import migrations


def parts() -> Components:
    """Return the parts of the service that commands work on."""
    found: Components = current_app.extensions["tthc"]
    return found


def now() -> datetime:
    """Return the moment of the command, read once by each."""
    return datetime.now(UTC)


def tell_refusals(command: click.Command) -> None:
    """Turn a refusal into a message and exit code 2."""
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            tell_refusals(inner)
        return
    command.callback = _told(command.callback) if command.callback else None


def _told(callback: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return callback(*args, **kwargs)
        except CallerError as error:
            raise click.UsageError(str(error)) from None
        except DatabaseError as error:
            if migrations.current(parts().database) == migrations.head():
                raise
            told = "Cơ sở dữ liệu chưa được nâng cấp; chạy `db upgrade` (the database must be upgraded first)"
            raise click.UsageError(told) from error

    return wrapped
