"""The audit log: every command that changes something is written down, with who ran it and how it ended."""

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from service.cli.common import components, now
from service.domain.calendar.local_time import local_clock
from service.store.access import audit

READING = frozenset({"audit", "db upgrade", "doctor", "quality", "stats"})
"""Commands that are not logged: they change nothing (as every `list`), or run before there is a log (db upgrade)."""


@contextmanager
def audited() -> Iterator[None]:
    """Write down the command that runs here, and how it ends."""
    act = _act(click.get_current_context())
    if act is None:
        yield
        return
    database = components().database
    with database.writing() as session:
        number = audit.begin(session, _actor(), act, now())
    outcome = "failed"
    try:
        yield
        outcome = "done"
    finally:
        with database.writing() as session:
            audit.end(session, number, outcome)


def _actor() -> str:
    """Return the account that runs the command; in a container it may have no name but a number."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def _act(context: click.Context) -> str | None:
    """Return a command with its options as text, None for one that changes nothing; of a file only its extension."""
    command = context.command_path.removeprefix(context.find_root().command_path).strip()
    options = {name: context.params.get(name) for parameter in context.command.params if (name := parameter.name)}
    if command in READING or command.endswith(" list") or options.get("dry_run") or options.get("repair") is False:
        return None
    shown = {name: f"*{value.suffix}" if isinstance(value, Path) else value for name, value in options.items()}
    return " ".join([command, *(f"{name}={value}" for name, value in shown.items() if value not in (None, ()))])


@click.command("audit")
@click.option("--last", "count", default=50, show_default=True, help="số dòng mới nhất / how many of the newest")
def audit_command(count: int) -> None:
    """List what operators did: when, who, what, and how it ended."""
    with components().database.reading() as session:
        for entry in audit.last(session, count):
            outcome = entry.outcome or "–"
            click.echo(f"{local_clock(entry.at)}\t{entry.actor}\t{entry.act}\t{outcome}")
