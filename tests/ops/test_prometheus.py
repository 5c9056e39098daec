"""A real Prometheus scrapes the real server: its answers are the widget's numbers."""

import json
import os
import re
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest

from service.store import sources
from service.store.database import Database
from tests.ops.processes import ROOT, get_json, monitoring, serving, until
from tests.support.client import dossier

UNIT = "H23.45"
CONFIG = """
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [{rules}/rules.yml, {rules}/alerts.yml, {rules}/slo.yml]
scrape_configs:
  - job_name: tthc
    static_configs: [{{targets: ["{target}"]}}]
"""


class Site:
    """A running service and the Prometheus that scrapes it."""

    def __init__(self, base: str, prometheus: str, database_url: str) -> None:
        """Keep the addresses."""
        self.base, self.prometheus, self.database_url = base, prometheus, database_url

    def ask(self, query: str) -> list[dict[str, Any]]:
        """Ask PromQL; an error of the query fails."""
        answer = get_json(f"{self.prometheus}/api/v1/query?query={urllib.parse.quote(query)}")
        assert answer["status"] == "success", query
        result: list[dict[str, Any]] = answer["data"]["result"]
        return result

    def number(self, query: str) -> float:
        """Ask for one number."""
        (sample,) = self.ask(query)
        return float(sample["value"][1])


def dossiers() -> list[dict[str, Any]]:
    """Build dossiers of this year: on time, early, late, open, overdue, in two communes."""
    now = datetime.now(UTC)
    made = []
    for n in range(60):
        received = max(now - timedelta(days=n % 20 + 3), datetime(now.year, 1, 1, 2, tzinfo=UTC))
        ended = received + timedelta(hours=20) if n % 5 else None
        due = (ended or now) + timedelta(days=(-1, 0, 3, 10, 1)[n % 7 % 5])
        made.append(
            dossier(
                f"P-{n}",
                unit_code=f"{UNIT}.0{n % 2 + 1}",
                status="resolved" if ended else "processing",
                received_at=received.isoformat(),
                finished_at=ended.isoformat() if ended else None,
                due_at=due.date().isoformat(),
                changed_at=(ended or received).isoformat(),
            )
        )
    return made


def push(base: str, key: str) -> None:
    """Push the dossiers over HTTP."""
    request = urllib.request.Request(
        f"{base}/api/v1/dossiers/batch",
        data=json.dumps(dossiers()).encode(),
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 200


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Start the server and Prometheus, and wait until the pushed dossiers were scraped."""
    place = tmp_path_factory.mktemp("prometheus")
    url = f"sqlite:///{place / 'tthc.sqlite3'}"
    with serving(url, place / "server.log", TTHC_METRICS_CACHE_SECONDS="0") as (_, base):
        database = Database(url)
        with database.writing() as session:
            key = sources.add(session, "mot-cua", None, datetime.now(UTC))
        database.engine.dispose()
        push(base, key)
        with scraping(place, base) as prometheus:
            opened = Site(base, prometheus, url)
            until(lambda: opened.ask("tthc:on_time:ratio and on () count(up == 1)"), 90)
            yield opened


@contextmanager
def scraping(place: Path, base: str) -> Iterator[str]:
    """Run Prometheus with the delivered rules over a server; yield its address."""
    config = place / "prometheus.yml"
    config.write_text(
        CONFIG.format(rules=ROOT / "deploy" / "prometheus", target=base.removeprefix("http://")), encoding="utf-8"
    )
    args = [
        f"--config.file={config}",
        f"--storage.tsdb.path={place}/tsdb",
    ]
    with monitoring("prometheus", args, place / "prometheus.log") as address:
        yield address


def test_prometheus_widget_stats_command_line_and_form_agree(site: Site) -> None:
    """The same unit and moment everywhere."""
    widget = get_json(f"{site.base}/api/v1/widget/{UNIT}")
    stats = get_json(f"{site.base}/api/v1/stats?unit={UNIT}")
    environ = {**os.environ, "DATABASE_URL": site.database_url}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "stats", "--unit", UNIT, "--json"]
    cli = orjson.loads(subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, check=True).stdout)
    rates, numerator = widget["rates"], site.number(f'max(tthc_formula_numerator{{unit="{UNIT}",rate="on_time"}})')
    denominator = site.number(f'max(tthc_formula_denominator{{unit="{UNIT}",rate="on_time"}})')
    assert (numerator, denominator) == (rates["numerator"], rates["denominator"])
    assert site.number(f'max(tthc_on_time_ratio{{unit="{UNIT}"}})') == numerator / denominator
    assert stats["counts"] == cli["counts"]
    assert stats["rates"] == cli["rates"]
    told = {name: stats["counts"][name] for name in widget["counts"]}
    assert told == widget["counts"]
    assert from_prometheus(site) == {name: stats["counts"][name] for name in from_prometheus(site)}
    form = get_json(f"{site.base}/units/{UNIT}/report.json?period=ytd")["total"]
    of_form = {
        "received_total": "workload",
        "resolved_total": "closed",
        "late": "late",
        "in_progress_total": "in_progress",
    }
    assert {name: form[name] for name in of_form} == {name: stats["counts"][of_form[name]] for name in of_form}


def from_prometheus(site: Site) -> dict[str, int]:
    """Read counts by PromQL under the names of stats."""
    queries = {
        "received": "sum(max by (channel) (tthc_received{u}))",
        "received_direct": 'max(tthc_received{u_and channel="direct"})',
        "carried_over": "max(tthc_carried_over{u})",
        "workload": "max(tthc_workload{u})",
        "resolved": "sum(max by (outcome) (tthc_resolved{u}))",
        "late": 'max(tthc_resolved{u_and outcome="late"})',
        "early": 'max(tthc_resolved{u_and outcome="early"})',
        "open_overdue": 'max(tthc_open{u_and state="overdue"})',
        "open_in_time": 'max(tthc_open{u_and state="in_time"})',
        "in_progress": "max(tthc_in_progress{u})",
        "due_soon": "max(tthc_due_soon{u})",
        "reception_late": "max(tthc_reception_late{u})",
    }
    label = f'unit="{UNIT}"'
    return {
        name: int(site.number(query.replace("{u_and ", f"{{{label},").replace("{u}", f"{{{label}}}")))
        for name, query in queries.items()
    }


def dashboards() -> list[tuple[str, str]]:
    """Return every query of every dashboard."""
    queries = []
    for path in sorted((ROOT / "deploy" / "grafana").glob("*.json")):
        for panel in orjson.loads(path.read_bytes())["panels"]:
            queries += [(f"{path.stem}: {panel['title']}", target["expr"]) for target in panel["targets"]]
    return queries


MAY_BE_EMPTY = (
    "tthc_warnings_total", "tthc_source_usual_gap_seconds", "http_errors:ratio", "slo:period", "tthc_backup_"
)  # fmt: skip
"""No warning was told, no rhythm is known, no minutes have passed and no backup was made in a test of seconds."""


def test_every_query_of_the_dashboards_runs_and_finds_something(site: Site) -> None:
    for panel, query in dashboards():
        asked = query.replace("$unit", UNIT)
        asked = re.sub(r"\[\w+\]", "[10s]", asked)  # rates over what the test has seen
        samples = until(partial(site.ask, asked), 90) if not _may_be_empty(query) else site.ask(asked)
        assert samples or _may_be_empty(query), (panel, query)


def _may_be_empty(query: str) -> bool:
    return any(name in query for name in MAY_BE_EMPTY) or ":p99_5m" in query


def test_the_dashboards_ask_only_for_metrics_that_exist(site: Site) -> None:
    documented = set(re.findall(r"^\| `(\w+)`", (ROOT / "docs" / "metrics.md").read_text(), re.M))
    for panel, query in dashboards():
        for name in re.findall(r"\b((?:tthc|process)_\w+)", query):
            assert re.sub(r"_bucket$", "", name) in documented, (panel, name)
