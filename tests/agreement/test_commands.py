"""Every command that a document tells to run is there, and so is every option behind it."""

import re

import click
import pytest
from flask import Flask

from tests.agreement.test_habits import DOCUMENTS, ROOT

_COMMAND = re.compile(r"(?:flask --app wsgi|(?:`|^(?: {4,})?)tthc) ((?:[a-z]+ ?){1,2})([^`\n|;#)]*)", re.M)


def commands(app: Flask) -> dict[str, set[str]]:
    """Return the options of each command of the service, by its words."""
    told: dict[str, set[str]] = {}

    def walk(command: click.Command, words: str) -> None:
        if isinstance(command, click.Group):
            for name, below in command.commands.items():
                walk(below, f"{words} {name}".strip())
        else:
            told[words] = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}

    walk(app.cli, "")
    return told


@pytest.mark.parametrize("name", sorted({*DOCUMENTS} - {"CHANGELOG.md"}))
def test_every_command_that_a_document_names_is_there(app: Flask, name: str) -> None:
    there, missing = commands(app), []
    for words, rest in _COMMAND.findall((ROOT / name).read_text(encoding="utf-8")):
        both, one = words.strip(), words.split()[0]
        known = there.get(both, there.get(one))
        options = set(re.findall(r"(?<!\S)--[a-z-]+", rest))
        if known is None or not options <= known:
            missing.append((both, sorted(options - (known or set()))))
    assert missing == []
