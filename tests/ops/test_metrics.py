"""/metrics: formats, token, what is counted when, and a part that fails."""

import subprocess
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_text
from pydantic import SecretStr

from service.app import create_app
from service.domain.calendar.local_time import to_local
from service.reporting import source_status
from service.settings import Settings
from tests.support.client import UNIT, Client, dossier
from tests.support.required_programs import require
from tests.support.senders import SenderB, tien_do

OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Read the database at every scrape."""
    return settings.model_copy(update={"metrics_cache_seconds": 0.0})


def samples(client: Client) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Scrape, and give values by name and labels."""
    text = client.get("/metrics").text
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for f in read_text(text) for s in f.samples}


def value(client: Client, name: str, **labels: str) -> float | None:
    """Give the value of one sample, None when there is none."""
    return samples(client).get((name, tuple(sorted(labels.items()))))


def this_year(code: str, **given: Any) -> dict[str, Any]:
    """Build a dossier received at the beginning of this year, resolved on time a day later."""
    year = datetime.now(UTC).year
    told = {
        "status": "resolved",
        "received_at": f"{year}-01-01T08:00:00+07:00",
        "finished_at": f"{year}-01-01T09:00:00+07:00",
        "due_at": f"{year}-01-01",
        "changed_at": f"{year}-01-01T09:00:00+07:00",
        **given,
    }
    return dossier(code, **told)


def test_the_ratio_is_the_widget_s(client: Client) -> None:
    late = {"finished_at": this_year("-")["finished_at"].replace("-01T", "-02T")}
    client.batch([this_year("A-1"), this_year("A-2"), this_year("A-3", **late)])
    rates = client.widget(UNIT)["rates"]
    assert value(client, "tthc_on_time_ratio", unit=UNIT) == rates["numerator"] / rates["denominator"] == 2 / 3


def test_a_unit_without_judged_dossiers_has_no_ratio(client: Client) -> None:
    client.push(this_year("A-1", status="processing", finished_at=None, due_at=None))
    assert value(client, "tthc_on_time_ratio", unit=UNIT) is None
    assert value(client, "tthc_formula_denominator", unit=UNIT, formula="timed/1", rate="on_time") == 0


def test_openmetrics_is_given_to_who_asks_for_it(client: Client) -> None:
    response = client.http.get("/metrics", headers={"Accept": OPENMETRICS})
    assert response.content_type.startswith("application/openmetrics-text")
    assert "tthc_on_time_ratio" in {
        family.name
        for family in openmetrics.text_string_to_metric_families(response.text)  # type: ignore[no-untyped-call]
    }


def test_plain_text_is_given_to_everybody_else(client: Client) -> None:
    assert client.get("/metrics").content_type.startswith("text/plain")


def test_promtool_finds_no_fault(client: Client) -> None:
    promtool = require("promtool")
    client.push(this_year("A-1"))
    text = client.get("/metrics").data
    checked = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, check=False, timeout=30)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")


def test_with_a_token_only_its_holder_scrapes(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"metrics_token": SecretStr("s3cret")}))
    http = app.test_client()
    assert http.get("/metrics").status_code == 401
    assert http.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert http.get("/metrics", headers={"Authorization": "Bearer s3cret"}).status_code == 200
    app.extensions["tthc"].database.engine.dispose()


@pytest.mark.parametrize(
    "born",
    [
        'tthc_unavailable_total{reason="disk_full"} ',
        'tthc_http_requests_total{method="POST",route="/api/v1/dossiers/batch",status="503"} ',
        'tthc_http_requests_total{method="GET",route="/api/v1/widget/<unit>",status="500"} ',
        'tthc_records_total{result="rejected",source="silent"} ',
        "tthc_stale_answers_total ",
    ],
)
def test_what_never_happened_is_counted_from_zero_so_that_the_first_one_is_an_increase(
    app: Flask, client: Client, born: str
) -> None:
    app.test_cli_runner().invoke(args=["sources", "add", "silent"])
    assert born in client.get("/metrics").text


def test_records_are_counted_by_source_and_result(client: Client) -> None:
    def counted(result: str) -> float:
        return value(client, "tthc_records_total", source="mot-cua", result=result) or 0

    before = {result: counted(result) for result in ("created", "unchanged", "rejected")}
    client.batch([this_year("A-1"), this_year("A-1"), {"code": "A-2"}])
    assert {result: counted(result) - before[result] for result in before} == {
        "created": 1,
        "unchanged": 1,
        "rejected": 1,
    }


def test_what_was_rolled_back_is_not_counted(client: Client) -> None:
    before = value(client, "tthc_records_total", source="mot-cua", result="created") or 0
    assert client.batch([this_year("A-1"), {"code": "A-2"}], atomic=True).status_code == 422
    assert (value(client, "tthc_records_total", source="mot-cua", result="created") or 0) == before


def test_warnings_are_counted_by_kind(client: Client) -> None:
    labels = {"source": "mot-cua", "kind": "due_before_received"}
    before = value(client, "tthc_warnings_total", **labels) or 0
    client.push(this_year("A-1", due_at="2020-01-01"))
    assert value(client, "tthc_warnings_total", **labels) == before + 1


def test_warnings_of_a_batch_are_counted_by_kind(client: Client) -> None:
    labels = {"source": "mot-cua", "kind": "due_before_received"}
    before = value(client, "tthc_warnings_total", **labels) or 0
    client.batch([this_year("A-1", due_at="2020-01-01"), this_year("A-2")])
    assert value(client, "tthc_warnings_total", **labels) == before + 1


def test_lag_is_from_the_change_to_when_it_became_known(client: Client) -> None:
    labels = {"source": "mot-cua", "le": "14400.0"}
    before = value(client, "tthc_news_lag_seconds_bucket", **labels) or 0
    hour_ago = (datetime.now(UTC) - timedelta(hours=1, minutes=30)).isoformat()
    client.push(this_year("A-1", changed_at=hour_ago))
    assert value(client, "tthc_news_lag_seconds_bucket", **labels) == before + 1
    assert (value(client, "tthc_news_lag_seconds_bucket", source="mot-cua", le="3600.0") or 0) <= before


def test_the_lag_of_a_step_is_from_its_moment(client: Client) -> None:
    client.push(this_year("A-1"))
    before = value(client, "tthc_news_lag_seconds_count", source="mot-cua") or 0
    step = tien_do("A-1", f"{to_local(datetime.now(UTC)):%Y%m%d%H%M%S}", "5")
    SenderB(client.http, client.key).post("CapNhatTienDoHoSoMC", [step])
    assert value(client, "tthc_news_lag_seconds_count", source="mot-cua") == before + 1


def test_news_that_change_nothing_have_no_lag(client: Client) -> None:
    newest, older = ((datetime.now(UTC) - timedelta(hours=hours)).isoformat() for hours in (1, 2))
    bare, step = SenderB(client.http, client.key), tien_do("A-1", "20260102080000", "9")
    client.push(this_year("A-1", changed_at=newest))
    bare.post("CapNhatTienDoHoSoMC", [step])
    before = value(client, "tthc_news_lag_seconds_count", source="mot-cua")
    client.push(this_year("A-1", changed_at=newest))
    client.push(this_year("A-1", changed_at=older))
    bare.post("CapNhatTienDoHoSoMC", [step])
    assert value(client, "tthc_news_lag_seconds_count", source="mot-cua") == before


def test_an_unknown_path_is_one_route(client: Client) -> None:
    client.get("/no/such/path/1")
    client.get("/no/such/path/2")
    routes = {dict(labels).get("route") for name, labels in samples(client) if name == "tthc_http_requests_total"}
    assert "unmatched" in routes
    assert not any(route and route.startswith("/no") for route in routes)


def test_a_part_that_fails_leaves_the_others(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(source_status, "source_statuses", broken)
    assert value(client, "tthc_collector_up", part="sources") == 0
    assert value(client, "tthc_collector_up", part="units") == 1


def test_no_database_is_no_failed_scrape(app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise OSError("no connection")

    monkeypatch.setattr(type(app.extensions["tthc"].database), "reading", refused)
    assert value(client, "tthc_collector_up", part="units") == 0
    assert value(client, "tthc_collector_up", part="pool") == 1


def test_the_cut_is_told(settings: Settings, client: Client) -> None:
    client.push(this_year("A-1"))
    app = create_app(settings.model_copy(update={"metrics_max_units": 1}))
    cut = Client(app.test_client(), "")
    assert value(cut, "tthc_metrics_units_cut") == 1
    assert {dict(labels)["unit"] for name, labels in samples(cut) if name == "tthc_workload"} == {"H23"}
    app.extensions["tthc"].database.engine.dispose()


def test_a_source_that_pushed_just_now_is_not_silent(client: Client) -> None:
    client.push(this_year("A-1"))
    assert value(client, "tthc_source_silent", source="mot-cua") == 0
    pushed = value(client, "tthc_source_last_push_timestamp_seconds", source="mot-cua")
    assert pushed == pytest.approx(time.time(), abs=60)


def test_readyz_reports_jobs_to_operators_without_failing_for_them(settings: Settings, client: Client) -> None:
    app = create_app(settings.model_copy(update={"metrics_token": SecretStr("s3cret")}))
    answer = app.test_client().get("/readyz", headers={"Authorization": "Bearer s3cret"})
    assert (answer.status_code, answer.json["jobs"]) == (200, [])
    app.extensions["tthc"].database.engine.dispose()


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_metrics_without_a_token_are_not_given_through_a_proxy(client: Client, header: str) -> None:
    assert client.http.get("/metrics", headers={header: "203.0.113.7"}).status_code == 401


@pytest.mark.parametrize(("address", "status"), [("127.0.0.1", 200), ("10.0.3.7", 200), ("8.8.8.8", 401), ("", 401)])
def test_metrics_without_a_token_are_for_neighbours(client: Client, address: str, status: int) -> None:
    assert client.http.get("/metrics", environ_overrides={"REMOTE_ADDR": address}).status_code == status


def test_readyz_says_nothing_about_jobs_to_the_public(client: Client) -> None:
    assert client.get("/readyz").json == {"status": "ok", "database": "ok", "migration": "ok"}


def test_the_gauges_of_the_units_can_be_scraped_apart(client: Client) -> None:
    client.push(this_year("A-1", unit_name="Huyện Tứ Kỳ"))
    units = client.get("/metrics/units").text
    assert 'tthc_workload{unit="H23.45"}' in units
    assert 'tthc_unit_info{level="",name="Huyện Tứ Kỳ",parent="H23",unit="H23.45"} 1.0' in units
    assert "tthc_http_requests_total" not in units


def test_the_rest_can_be_scraped_without_the_units(client: Client) -> None:
    client.push(this_year("A-1"))
    rest = client.get("/metrics", units="0").text
    assert "tthc_http_requests_total" in rest
    assert 'unit="' not in rest
    assert 'unit="' in client.get("/metrics").text


def test_the_metrics_of_units_are_for_operators_too(client: Client) -> None:
    assert client.http.get("/metrics/units", environ_overrides={"REMOTE_ADDR": "8.8.8.8"}).status_code == 401
