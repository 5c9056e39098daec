"""Situations that a doubting clerk would try, each with the answer worked out by hand: tests/data/situations.jsonl.

`about` says what and why; `do` is what happens, `ask` a question with what its answer must say. A dossier that is
pushed is HANDED_IN but for what is told; null leaves a value out. `now` is the clock, unless an action says `at`.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask

from service.store.database import Database
from tests.http.test_field_cases import Situation
from tests.support.client import Client, dossier

LINES = (Path(__file__).parents[1] / "data" / "situations.jsonl").read_text("utf-8").splitlines()
CASES = [json.loads(line) for line in LINES]
HANDED_IN = dossier(
    "A", unit_code="H90.01", procedure_code="9.000001", received_at="2024-06-03T08:00:00+07:00", due_at="2024-06-10"
)
NOW = "2024-08-01T09:00:00+07:00"


class Office(Situation):
    """A situation in which dossiers also take steps and are deleted, and operators run commands."""

    def do(self, action: dict[str, Any]) -> None:
        """Do one action, at its own moment if it says one."""
        if "at" in action:
            with time_machine.travel(action["at"], tick=False):
                self.do({name: value for name, value in action.items() if name != "at"})
        elif "push" in action:
            given = HANDED_IN | action["push"]
            record = {name: value for name, value in given.items() if value is not None}
            wanted = (action["status"],) if "status" in action else (200, 201)
            response = self.source(action.get("source", "")).push(record)
            assert response.status_code in wanted, response.text
        elif "step" in action:
            code, at, status = action["step"]
            step = {"MaHoSo": code, "ThoiDiemXuLy": at, "TrangThai": str(status)}
            self._sent(self.client.http.post("/national/CapNhatTienDoHoSoMC", json=[step], headers=self.client.auth))
        elif "delete" in action:
            self._sent(self.client.http.delete(f"/api/v1/dossiers/{action['delete']}", headers=self.client.auth))
        elif "post" in action:
            self._sent(self.client.http.post(action["post"], json=action["json"], headers=self.client.auth))
        elif "run" in action:
            done = self.app.test_cli_runner().invoke(args=action["run"].split())
            assert done.exit_code == 0, done.output
        else:
            super().do(action)

    @staticmethod
    def _sent(response: Any) -> None:
        assert response.status_code == 200, response.text
        assert response.json.get("error_code", "0") == "0", response.text

    def answer(self, asked: dict[str, Any]) -> Any:
        """Return an answer by the names of its values, as `counts.late`."""
        response = self.client.http.get(asked["get"], headers=self.client.auth)
        return {"status": response.status_code, **_flat(response.json)}


def _flat(value: Any, name: str = "") -> dict[str, Any]:
    flat = {name: value}
    if isinstance(value, dict):
        for key, inner in value.items():
            flat |= _flat(inner, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        if name == "groups":
            value = {str(one["key"]["code"] or one["key"]["name"]): one for one in value}
            return flat | _flat(value, name)
        for place, inner in enumerate(value):
            flat |= _flat(inner, f"{name}.{place}")
        flat[f"{name}.kinds"] = sorted(one["kind"] for one in value if isinstance(one, dict) and "kind" in one)
    return flat


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["about"])
def test_a_situation(case: dict[str, Any], app: Flask, client: Client, database: Database, tmp_path: Path) -> None:
    office = Office(app, client, database, tmp_path)
    with time_machine.travel(case.get("now", NOW), tick=False):
        for action in case["do"]:
            office.do(action)
        for asked in case["ask"]:
            answer = office.answer(asked)
            assert {name: answer.get(name) for name in asked["expect"]} == asked["expect"], asked["get"]
