"""Situations from the field, each with the answer worked out by hand; one line a case in tests/data/field-cases.jsonl.

`do` is what is imported and pushed, `ask` the question, `expect` the answer. More cases are added as lines.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from service.store import sources
from service.store.database import Database
from tests.support.client import Client

CASES = [json.loads(line) for line in Path("tests/data/field-cases.jsonl").read_text("utf-8").splitlines() if line]
NOT_YET: set[str] = set()
"""Cases of rules that the product does not have yet; a case that begins to pass must leave this list."""


EXPECTED = pytest.mark.xfail(reason="a rule that the product does not have yet", strict=True)


class Situation:
    """Runs one case against the application."""

    def __init__(self, app: Flask, client: Client, database: Database, place: Path) -> None:
        self.app, self.client, self.database, self.place = app, client, database, place
        self.clients = {"": client}

    def do(self, action: dict[str, Any]) -> None:
        """Import a catalogue or push a dossier."""
        if "import" in action:
            file = self.place / f"{action['import']}.csv"
            file.write_text(action["csv"], "utf-8")
            result = self.app.test_cli_runner().invoke(args=[action["import"], "import", str(file)])
            assert result.exit_code == 0, result.output
        else:
            response = self.source(action.get("source", "")).push(action["push"])
            assert response.status_code in (200, 201), response.text

    def source(self, name: str) -> Client:
        """Return the client of a source, which is added when it is first named."""
        if name not in self.clients:
            with self.database.writing() as session:
                self.clients[name] = Client(self.app.test_client(), sources.add(session, name, None, datetime.now(UTC)))
        return self.clients[name]

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """Return what the case looks at in the answer."""
        if "dossier" in question:
            return self._dossier(question["dossier"])
        if "form" in question:
            return self._form(dict(question["form"]))
        response = self.client.get("/api/v1/stats", **question["stats"])
        answer = response.json or {}
        groups = [
            [group["key"]["code"] or group["key"]["name"], group["counts"]["workload"]]
            for group in answer.get("groups", [])
        ]
        return {"status": response.status_code, "groups": groups, **answer.get("counts", {})}

    def _dossier(self, code: str) -> dict[str, Any]:
        response = self.client.http.get(f"/api/v1/dossiers/{code}", headers=self.client.auth)
        history = response.json
        assert history is not None, response.text
        return {"due_at": history["due_moment"]["due_at"], "warnings": {w["kind"] for w in history["warnings"]}}

    def _form(self, question: dict[str, Any]) -> dict[str, Any]:
        response = self.client.get(f"/units/{question.pop('unit')}/report.json", **question)
        assert response.json is not None, response.text
        total = response.json["total"]
        return {"in_time": total["in_time"], "overdue": total["overdue"]}


def assert_expected(shown: dict[str, Any], expected: dict[str, Any]) -> None:
    """Compare the answer with what was worked out by hand."""
    for name, value in expected.items():
        if name == "warns":
            assert value in shown["warnings"]
        elif name == "warns_not":
            assert value not in shown["warnings"]
        elif name == "warns_any":
            assert bool(shown["warnings"]) == value
        else:
            assert shown[name] == value


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=f"{case['id']} {case['about']}", marks=[EXPECTED] if case["id"] in NOT_YET else [])
        for case in CASES
    ],
)
def test_a_situation_from_the_field(
    case: dict[str, Any], app: Flask, client: Client, database: Database, tmp_path: Path
) -> None:
    situation = Situation(app, client, database, tmp_path)
    for action in case["do"]:
        situation.do(action)
    assert_expected(situation.ask(case["ask"]), case["expect"])
