"""Files and functions stay small enough to be read at one go."""

import ast
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("service", "models", "jobs", "bench")


def files(*folders: str) -> dict[str, str]:
    """Return the text of every Python file below these folders, by its path."""
    paths = chain.from_iterable((ROOT / folder).rglob("*.py") for folder in folders)
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def function_lengths() -> Iterator[int]:
    """Yield the lines of every function of the product, its docstring included."""
    for text in files(*PRODUCT).values():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
                yield node.end_lineno - node.lineno + 1


def test_no_file_is_longer_than_300_lines() -> None:
    assert [name for name, text in files(*PRODUCT, "tests").items() if text.count("\n") > 300] == []


def test_half_of_the_files_have_at_most_90_lines() -> None:
    assert median(text.count("\n") for text in files(*PRODUCT).values()) <= 90


def test_half_of_the_functions_have_at_most_8_lines() -> None:
    assert median(function_lengths()) <= 8


def test_19_of_20_functions_have_at_most_25_lines() -> None:
    assert quantiles(function_lengths(), n=20)[-1] <= 25
