"""The import as a command."""

from pathlib import Path
from typing import Any

from flask import Flask

from tests.support.client import Client
from tests.support.register_files import REGISTER, assert_register


def run(app: Flask, *args: str) -> Any:
    return app.test_cli_runner().invoke(args=["dossiers", "import", *args])


def test_the_command_imports_and_writes_the_rejected_rows(app: Flask, client: Client, tmp_path: Path) -> None:
    file = tmp_path / "so.csv"
    file.write_text(REGISTER, encoding="utf-8-sig")
    result = run(app, str(file), "--source", "mot-cua")
    assert result.exit_code == 0, result.output
    assert_register(client)
    assert "Chủ hồ sơ" not in (tmp_path / "so-bi-tu-choi.csv").read_text(encoding="utf-8-sig")


def test_the_command_can_run_dry(app: Flask, client: Client, tmp_path: Path) -> None:
    file = tmp_path / "so.csv"
    file.write_text(REGISTER, encoding="utf-8")
    assert "created            4" in run(app, str(file), "--source", "mot-cua", "--dry-run").output
    assert client.get("/api/v1/units").json == {"units": []}


def test_the_command_says_what_is_wrong(app: Flask, client: Client, tmp_path: Path) -> None:
    file = tmp_path / "so.csv"
    file.write_text("a,b\n1,2\n")
    result = run(app, str(file), "--source", "mot-cua")
    assert result.exit_code == 2 and "Thiếu cột" in result.output
    assert run(app, str(file), "--source", "nobody").exit_code == 2
