"""What operators read agrees with what runs: metrics, jobs, alerts and settings against their documents."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from flask import Flask

from jobs.schedule import JOBS
from jobs.scheduler import Runner
from models.sources import Source
from service.settings import Settings, variable
from tests.support.client import Client, dossier

ROOT = Path(__file__).resolve().parents[2]
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
_ROW = re.compile(r"^\| `(?P<name>\w+)` \| (?P<type>\w+) \| (?P<labels>[^|]*)\| \w+ \| [^|]+ \|$", re.M)


def documented() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Read the table of docs/metrics.md: type and labels by name."""
    text = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    return {
        row["name"]: (row["type"], tuple(sorted(re.findall(r"`(\w+)`", row["labels"])))) for row in _ROW.finditer(text)
    }


def exposed(app: Flask) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Collect what /metrics gives: type and labels by the name that is scraped."""
    families = {}
    for family in app.extensions["tthc-metrics"].collect():
        name = f"{family.name}_total" if family.type == "counter" else family.name
        labels = {label for sample in family.samples for label in sample.labels} - {"le"}
        families[name] = family.type, tuple(sorted(labels))
    return families


def test_every_metric_is_documented_with_type_and_labels(app: Flask, client: Client) -> None:
    now = datetime.now(UTC)
    for day in range(1, 15):  # enough hours of news for a rhythm
        with app.extensions["tthc"].database.writing() as session:
            _note_hour(session, now.replace(day=day, hour=2, minute=0, second=0, microsecond=0))
            session.get_one(Source, 1).key_until = now + timedelta(days=9)
    ended = {"status": "resolved", "received_at": now.isoformat(), "finished_at": now.isoformat()}
    client.push(dossier("A-1", **ended, due_at="2020-01-01", changed_at=now.isoformat()))
    for job in JOBS:
        Runner(app.extensions["tthc"]).poll(job)
    assert exposed(app) == documented()


def _note_hour(session: Any, hour: datetime) -> None:
    from models.sources import SourceHour

    session.add(SourceHour(source_id=1, hour=hour))


def test_every_job_is_in_the_runbook() -> None:
    assert {job.name for job in JOBS} == set(re.findall(r"^### Job `([\w-]+)`", RUNBOOK, re.M))


def alerts() -> list[dict[str, Any]]:
    """Return the rules of all alerts."""
    files = [yaml.safe_load((ROOT / "deploy" / "prometheus" / name).read_text()) for name in ("alerts.yml", "slo.yml")]
    return [rule for file in files for group in file["groups"] for rule in group["rules"] if "alert" in rule]


def test_every_alert_is_in_the_runbook_and_links_to_it() -> None:
    assert {rule["alert"] for rule in alerts()} == set(re.findall(r"^### Alert `(\w+)`", RUNBOOK, re.M))
    for rule in alerts():
        assert rule["annotations"]["runbook_url"].endswith(f"docs/runbook.md#alert-{rule['alert'].lower()}")


def test_those_alerts_wake_somebody_that_the_runbook_calls_urgent() -> None:
    urgency = {
        row[1]: set(re.findall(r"`(Tthc\w+)`", row[2])) for row in re.finditer(r"^\| \*\*(.+?)\*\*(.*)$", RUNBOOK, re.M)
    }
    for name, severity in ((rule["alert"], rule["labels"]["severity"]) for rule in alerts()):
        begins = re.search(rf"^### Alert `{name}`\n\*\*([\w ]+)", RUNBOOK, re.M)
        assert begins, name
        if name.endswith("Budget"):  # both: critical now, a warning this day
            continue
        assert (severity == "critical") == (name in urgency["now"]) == (begins[1] == "Now"), name
        assert (name in urgency["this day"]) == (begins[1] == "This day"), name


def test_every_setting_is_in_the_example_with_its_default() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    given = dict(re.findall(r"^#([A-Z_]+)=(.*)$", example, re.M))
    assert given.keys() == {variable(name) for name in Settings.model_fields}
    read = Settings.model_validate({name: given[variable(name)] for name in Settings.model_fields})
    assert read == Settings.model_validate({})


def test_every_setting_is_explained_by_its_description() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    for name, field in Settings.model_fields.items():
        assert f"# {field.description}\n#{variable(name)}=" in example, name


DASHBOARDS = [json.loads(path.read_bytes()) for path in sorted((ROOT / "deploy" / "grafana").glob("*.json"))]


def test_dashboards_lead_to_the_pages() -> None:
    assert all(any("/status" in link["url"] for link in board["links"]) for board in DASHBOARDS)


def test_legends_of_dashboards_are_vietnamese() -> None:
    english = re.compile(r"\b(late|overdue|expected|allowed|size|failed|missed|duration)\b")
    for panel in (panel for board in DASHBOARDS for panel in board["panels"]):
        for legend in (target.get("legendFormat", "") for target in panel["targets"]):
            assert english.search(legend) is None, panel["title"]
            is_word = legend in ("{{outcome}}", "{{state}}", "{{channel}}")
            assert not is_word or panel["fieldConfig"]["overrides"], panel["title"]
