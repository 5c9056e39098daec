"""The tree keeps to its plan: SQL has one home, and the documents say what the linter holds."""

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_RUNS = {"execute", "scalar", "scalars", "exec_driver_sql", "stream", "stream_scalars"}
_MAKES = {"select", "insert", "update", "delete", "text"}


def product() -> list[str]:
    """Return every file of the product but the store, which may run statements, and programs that run elsewhere."""
    folders = (ROOT / name for name in ("service", "jobs", "models"))
    files = [path.relative_to(ROOT).as_posix() for folder in folders for path in folder.rglob("*.py")]
    return sorted(name for name in files if not name.startswith(("service/store/", "service/clients/")))


@pytest.mark.parametrize("name", product())
def test_only_the_store_runs_a_statement(name: str) -> None:
    tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
    calls = {
        node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy")
        for alias in node.names
    }
    assert not calls & _RUNS
    assert not imported & _MAKES or name.startswith("models/")  # a partial index has a condition


def test_the_architecture_lists_the_layers_that_the_linter_holds() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    block = text.split("```layers\n", 1)[1].split("```", 1)[0]
    assert block.split("\n")[:-1] == [layer.replace("service.", "") for layer in layers]


def test_no_room_holds_more_than_a_dozen_modules() -> None:
    crowded = {
        folder.relative_to(ROOT).as_posix(): count
        for top in ("service", "models", "jobs")
        for folder in [ROOT / top, *(ROOT / top).rglob("*")]
        if folder.is_dir() and (count := sum(path.name != "__init__.py" for path in folder.glob("*.py"))) > 12
    }
    assert crowded == {}


def test_the_tree_in_the_readme_names_every_room_of_the_service() -> None:
    tree = (ROOT / "README.md").read_text(encoding="utf-8").split("## The tree")[1].split("\n## ")[0]
    rooms = [path.name for path in (ROOT / "service").iterdir() if path.is_dir() and path.name != "__pycache__"]
    assert [room for room in rooms if f"      {room}/ " not in tree] == []
