"""Commands tell what to do instead of showing a traceback."""

from pathlib import Path

import click

from service.app import create_app
from service.cli import COMMANDS
from service.settings import Settings


def test_a_new_database_asks_for_its_upgrade(tmp_path: Path) -> None:
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path / 'new.sqlite3'}", log_level="ERROR"))
    told = app.test_cli_runner().invoke(args=["units", "list"])
    assert (told.exit_code, "db upgrade" in told.output) == (2, True)


def test_an_unknown_source_is_named(tmp_path: Path, sqlite_template: Path) -> None:
    app = create_app(Settings(database_url=f"sqlite:///{sqlite_template}", log_level="ERROR"))
    told = app.test_cli_runner().invoke(args=["sources", "rotate", "khong-co"])
    assert (told.exit_code, "khong-co" in told.output) == (2, True)


def test_every_command_says_in_vietnamese_first_what_it_does() -> None:
    groups = [each.commands.values() if isinstance(each, click.Group) else [each] for each in COMMANDS]
    told = [(command.help or "").partition("\n\n") for commands in groups for command in commands]
    assert [vietnamese for vietnamese, _, english in told if vietnamese.isascii() or not english] == []
