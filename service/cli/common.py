"""What commands share: the parts of the service, the moment, and refusals in one line without a traceback."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from service.components import Components
from service.domain.errors import CallerError
from service.domain.json_beside import json_beside
from service.store import migrations
from service.store.engines.unavailable import explained

Around = Callable[[], AbstractContextManager[None]]
_HELP: dict[str, str] = json_beside(__file__, "help.json")
"""The help of each command in Vietnamese, by the name of its function; the docstring is its help in English."""


def components() -> Components:
    """Return the parts of the service that commands work on."""
    shared: Components = current_app.extensions["tthc"]
    return shared


def now() -> datetime:
    """Return the moment of the command, read once by each."""
    return datetime.now(UTC)


class Refused(click.ClickException):
    """A refusal in one line; exit code 2."""

    exit_code = 2


def tell_refusals(command: click.Command, *, needs_schema: bool, around: Around) -> None:
    """Prepare a command: refusals become one line and exit code 2, and its help is in Vietnamese first.

    needs_schema: the database's schema must fit, else the command is refused. around: a context in which it runs.
    """
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            tell_refusals(inner, needs_schema=needs_schema, around=around)
        return
    command.help = f"{_HELP[getattr(command.callback, '__name__', '')]}\n\n    {command.help}"
    command.callback = with_appcontext(_wrapped(command.callback, needs_schema, around)) if command.callback else None


def _wrapped(callback: Callable[..., Any], needs_schema: bool, around: Around) -> Callable[..., Any]:
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        database = components().database
        try:
            with explained(database.url):
                if needs_schema and (advice := migrations.state(database).advice):
                    raise Refused(advice)
                with around():
                    return callback(*args, **kwargs)
        except CallerError as error:
            raise Refused(str(error)) from None

    return wrapped
