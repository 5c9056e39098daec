"""Grafana's dashboards, linted: one unit a panel, tables of this moment with names, a reason for an empty panel."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PANELS = [
    pytest.param(panel, id=f"{path.stem}: {panel['title']}")
    for path in sorted((ROOT / "deploy" / "grafana").glob("*.json"))
    for panel in json.loads(path.read_text(encoding="utf-8"))["panels"]
]
_UNITS = ((r"_seconds(?![a-z_])|_seconds_since_", "s"), (r"_bytes\b", "bytes"), (r"[_:]ratio", "percentunit"))


def measure(query: str) -> str:
    """Return the unit of what a query gives, by the name of its metric."""
    if re.match(r"sum by \([\w, ]+\) \(rate\(", query):
        return "per second"
    name = query.replace("_bucket", "")
    return next((unit for pattern, unit in _UNITS if re.search(pattern, name)), "short")


def shown(panel: dict[str, Any]) -> str:
    unit = panel["fieldConfig"]["defaults"]["unit"]
    return "per second" if unit in {"reqps", "cps"} else str(unit)


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_shows_one_unit_and_computes_none(panel: dict[str, Any]) -> None:
    queries = [target["expr"] for target in panel["targets"]]
    assert {measure(query) for query in queries} == {shown(panel)}
    assert not [query for query in queries if re.search(r"/ \d+$|^\d+ \*", query)], "Grafana scales by the unit"


@pytest.mark.parametrize("panel", PANELS)
def test_an_empty_panel_says_why_in_both_languages(panel: dict[str, Any]) -> None:
    assert " / " in panel["fieldConfig"]["defaults"]["noValue"]


@pytest.mark.parametrize("panel", [param for param in PANELS if param.values[0]["type"] == "table"])
def test_a_table_is_of_this_moment_and_names_its_units(panel: dict[str, Any]) -> None:
    for target in panel["targets"]:
        assert (target["instant"], target["format"]) == (True, "table")
        assert "group_left (name) max by (unit, name) (tthc_unit_info)" in target["expr"]


def test_panels_do_not_lie_upon_each_other() -> None:
    for path in (ROOT / "deploy" / "grafana").glob("*.json"):
        taken: set[tuple[int, int]] = set()
        for panel in json.loads(path.read_text(encoding="utf-8"))["panels"]:
            place = panel["gridPos"]
            cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
            assert not taken & cells, panel["title"]
            taken |= cells
