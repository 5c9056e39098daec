"""Every command that changes something is written down, with who ran it and how it ended."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from flask import Flask

from service.cli import COMMANDS
from service.cli.audit import READING
from tests.support.client import Client


def names(command: click.Command, above: str = "") -> Iterator[str]:
    name = f"{above} {command.name}".strip()
    if not isinstance(command, click.Group):
        yield name
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        yield from names(inner, name)


def acts(app: Flask) -> list[list[str]]:
    lines = app.test_cli_runner().invoke(args=["audit"]).output.splitlines()
    return [line.split("\t")[1:] for line in lines]


def test_a_command_either_reads_or_is_written_down() -> None:
    every = {name for command in COMMANDS for name in names(command)}
    assert every >= READING
    assert {"sources rotate", "units import", "dossiers import", "demo remove"} <= every - READING


@pytest.mark.parametrize(
    ("command", "act", "outcome"),
    [
        (["sources", "rotate", "mot-cua", "--overlap", "2"], "sources rotate code=mot-cua overlap=2", "done"),
        (["sources", "disable", "nobody"], "sources disable code=nobody", "failed"),
        (["tallies", "verify", "--repair"], "tallies verify repair=True", "done"),
    ],
    ids=["done", "refused", "repair"],
)
def test_an_act_is_written_down(
    app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch, command: list[str], act: str, outcome: str
) -> None:
    monkeypatch.setenv("SUDO_USER", "thu")
    app.test_cli_runner().invoke(args=command)
    assert acts(app) == [["thu", act, outcome]]


@pytest.mark.parametrize(
    "command", [["sources", "list"], ["tallies", "verify"], ["deadlines", "backfill", "--dry-run"]]
)
def test_what_changes_nothing_is_not(app: Flask, client: Client, command: list[str]) -> None:
    app.test_cli_runner().invoke(args=command)
    assert acts(app) == []


def test_a_file_is_told_by_its_kind_alone(app: Flask, client: Client, tmp_path: Path) -> None:
    file = tmp_path / "Nguyen-Van-A.csv"
    file.write_text("code,name\nH1,A\n", encoding="utf-8")
    app.test_cli_runner().invoke(args=["units", "import", str(file)])
    assert [act for _, act, _ in acts(app)] == ["units import file=*.csv"]
