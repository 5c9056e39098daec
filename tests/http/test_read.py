"""Read: the widget to the letter, stats, caching, and the rest of what portals fetch."""

import csv
import io
import time
from datetime import UTC, datetime
from typing import Any
from unittest.mock import Mock

import pytest

from service import demonstration
from service.app import create_app
from service.domain.calendar.work_calendar import OfficeHours
from service.settings import Settings
from service.store import migrations
from service.store.database import Database
from tests.support.client import Client, dossier

AS_OF = "2023-10-04T13:37:34+07:00"


@pytest.fixture
def tu_ky(client: Client, database: Database) -> Client:
    with database.writing() as session:
        demonstration.load(session, datetime.now(UTC), OfficeHours())
    return client


def test_the_widget_of_tu_ky_is_the_portals(tu_ky: Client) -> None:
    widget = tu_ky.widget(as_of=AS_OF)
    assert widget["text"] == {
        "heading": "Đến tháng 10 đã giải quyết:",
        "rate": "99.9%",
        "workload": "Số hồ sơ xử lý: 41362",
        "early_or_on_time": "Trước & đúng hạn: 41049",
        "late": "Trễ hạn: 26",
        "late_rate": "Trễ hạn: 0.1%",
        "details": "Chi tiết",
        "updated": "Cập nhật lúc: 04/10/2023 13:37:34",
    }
    assert widget["counts"] == {
        "workload": 41362,
        "early_or_on_time": 41049,
        "late": 26,
        "resolved": 41075,
        "in_progress": 287,
        "open_overdue": 0,
    }
    assert (widget["as_of"], widget["updated_at"], widget["stale"]) == (AS_OF, AS_OF, False)
    stats = tu_ky.stats(as_of=AS_OF)
    assert stats["counts"] == {**stats["counts"], **CONTRACT_COUNTS}
    assert stats["rates"] == {
        "formula": "timed/1",
        "decimals": 1,
        "on_time": {"numerator": 41049, "denominator": 41075, "percent": "99.9"},
        "late": {"numerator": 26, "denominator": 41075, "percent": "0.1"},
    }
    for group in ("unit", "field", "channel", "procedure"):
        groups = tu_ky.stats(as_of=AS_OF, group_by=group)["groups"]
        assert sum(item["counts"]["workload"] for item in groups) == 41362


CONTRACT_COUNTS = {
    "carried_over": 362,
    "received": 41000,
    "received_online": 20000,
    "received_direct": 18000,
    "received_postal": 3000,
    "workload": 41362,
    "early": 31049,
    "on_time": 10000,
    "early_or_on_time": 41049,
    "late": 26,
    "no_deadline": 0,
    "resolved": 41075,
    "withdrawn": 0,
    "stopped": 0,
    "closed": 41075,
    "open_in_time": 257,
    "open_no_deadline": 0,
    "open_overdue": 0,
    "paused": 30,
    "paused_in_time": 30,
    "paused_overdue": 0,
    "in_progress": 287,
    "reception_late": 0,
    "reception_overdue": 0,
    "due_soon": 12,
}


def test_the_widget_in_english(client: Client) -> None:
    client.push(dossier())
    widget = client.widget(as_of=AS_OF, lang="en")
    assert (widget["title"], widget["text"]["rate"]) == ("Administrative procedure results", "–")


def test_a_rate_without_denominator_is_null_and_a_dash(client: Client) -> None:
    client.push(dossier())
    widget = client.widget(as_of=AS_OF)
    assert (widget["rates"]["on_time"], widget["rates"]["late"], widget["text"]["late_rate"]) == (
        None,
        None,
        "Trễ hạn: –",
    )


def test_the_widget_stays_under_two_kilobytes(client: Client) -> None:
    client.push(dossier(unit_name="Ủy ban nhân dân xã Tứ Kỳ " * 12))
    response = client.get("/api/v1/widget/H23.45", as_of=AS_OF)
    assert len(response.data) <= 2048


def test_all_formulas_at_once(client: Client) -> None:
    client.push(dossier(status=9, finished_at="2023-10-03"))
    rates = client.stats(as_of=AS_OF, formula="all")["rates"]
    assert set(rates) == {
        "timed/1",
        "resolved/1",
        "due/1",
        "workload/1",
        "national/1",
        "national/2",
        "cohort/1",
        "received/1",
        "completion/1",
    }
    assert (rates["national/1"]["score"], list(rates["completion/1"])) == (
        "20.00",
        ["formula", "decimals", "resolved"],
    )


@pytest.mark.parametrize("formula", ["timed", "timed/1", "completion", "national"])
def test_every_formula_fits_the_widget(client: Client, formula: str) -> None:
    client.push(dossier(status=9, finished_at="2023-10-03"))
    assert client.widget(as_of=AS_OF, formula=formula)["text"]["rate"] == "100.0%"


def test_as_of_reaches_into_a_day(client: Client) -> None:
    client.push(dossier(status=9, finished_at="2023-10-04T15:00:00+07:00", returned_at="2023-10-20"))
    before, after = client.counts(as_of=AS_OF), client.counts(as_of="2023-10-04T15:00:00+07:00")
    assert (before["open_in_time"], before["resolved"], after["early"]) == (1, 0, 1)


def test_today_is_a_day_of_viet_nam_before_seven(client: Client) -> None:
    client.push(dossier(received_at="2023-10-05T00:30:00+07:00"))
    early = client.stats(as_of="2023-10-05T00:31:00+07:00", period="2023-10-05")
    assert (early["counts"]["received"], early["period"]["label"]) == (1, "Ngày 05/10/2023")


def test_a_lost_plus_is_found_again(client: Client) -> None:
    client.push(dossier())
    response = client.http.get("/api/v1/stats?unit=H23.45&as_of=2023-10-04T13:37:34 07:00")
    assert (response.status_code, response.json["as_of"]) == (200, AS_OF)


def test_both_styles_of_unit_codes_name_one_unit(client: Client) -> None:
    client.push(dossier(unit_code="000.00.45.H23"))
    assert client.widget("H23.45", as_of=AS_OF)["counts"] == client.widget("000.00.45.H23", as_of=AS_OF)["counts"]


def test_a_provisional_unit_brings_its_ancestors(client: Client) -> None:
    client.push(dossier(unit_code="H23.45.07", unit_name="UBND xã Tứ Kỳ"))
    units = {unit["code"]: unit for unit in client.get("/api/v1/units").json["units"]}
    assert [(code, unit["parent_code"], unit["provisional"]) for code, unit in sorted(units.items())] == [
        ("H23", None, True),
        ("H23.45", "H23", True),
        ("H23.45.07", "H23.45", True),
    ]
    assert client.counts("H23", as_of=AS_OF)["workload"] == 1
    assert client.counts("H23", as_of=AS_OF, subtree=0)["workload"] == 0


def test_a_series_fills_empty_buckets_and_carries_over(client: Client) -> None:
    client.push(dossier("A-1", received_at="2023-08-20", due_at="2023-12-01"))
    client.push(dossier("A-2", status=9, received_at="2023-08-21", finished_at="2023-10-02", due_at="2023-12-01"))
    groups = client.stats(as_of=AS_OF, group_by="month", period="2023-Q3")["groups"]
    seen = [
        (g["key"]["code"], g["counts"]["carried_over"], g["counts"]["received"], g["counts"]["in_progress"])
        for g in groups
    ]
    assert seen == [("2023-07", 0, 0, 0), ("2023-08", 0, 2, 2), ("2023-09", 2, 0, 2)]
    assert [group["counts"]["open_in_time"] for group in groups] == [None, None, 2]


def test_csv_is_a_table_that_runs_nothing(client: Client) -> None:
    client.push(dossier(field_name='=HYPERLINK("http://x")'))
    text = client.get("/api/v1/stats", unit="H23.45", as_of=AS_OF, group_by="field", format="csv").data
    rows = list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))
    assert rows[0][:3] == ["code", "name", "carried_over"]
    assert [row[0] for row in rows[1:]] == ['\'=HYPERLINK("http://x")', "H23.45"]


def test_accept_asks_for_csv(client: Client) -> None:
    client.push(dossier())
    response = client.http.get("/api/v1/stats?unit=H23.45", headers={"Accept": "text/csv"})
    assert response.mimetype == "text/csv"


def test_an_answer_can_be_kept_and_asked_again(client: Client) -> None:
    client.push(dossier())
    first = client.get("/api/v1/widget/H23.45", as_of=AS_OF)
    assert first.headers["Cache-Control"] == "public, max-age=1, stale-while-revalidate=30, stale-if-error=86400"
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    again = client.http.get(
        "/api/v1/widget/H23.45", query_string={"as_of": AS_OF}, headers={"If-None-Match": first.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")
    client.push(dossier("A-2"))
    changed = client.http.get(
        "/api/v1/widget/H23.45", query_string={"as_of": AS_OF}, headers={"If-None-Match": first.headers["ETag"]}
    )
    assert changed.status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/openapi.json", "/docs", "/api/v1/formulas", "/api/v1/units"])
def test_the_rest_answers(client: Client, path: str) -> None:
    response = client.get(path)
    assert (response.status_code, "X-Request-Id" in response.headers) == (200, True)


def test_readyz_says_what_is_missing(client: Client, database: Database) -> None:
    with database.writing() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = 'before'")
    response: Any = client.get("/readyz")
    with database.writing() as session:
        from service.store import migrations as schema_version

        session.connection().exec_driver_sql(f"UPDATE alembic_version SET version_num = '{schema_version.head()}'")
    assert (response.status_code, "db upgrade" in response.json["migration"]) == (503, True)


def test_readyz_needs_no_lock_while_somebody_writes(client: Client, database: Database) -> None:
    with database.writing() as session:
        session.connection()  # on SQLite this takes the one lock for writing, as a long import does
        began = time.monotonic()
        answer = client.get("/readyz")
    assert answer.status_code == 200
    assert time.monotonic() - began < 5


def test_who_asks_readyz_within_a_second_is_told_the_same(
    settings: Settings, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = Mock(wraps=migrations.state)
    monkeypatch.setattr(migrations, "state", looked)
    app = create_app(settings.model_copy(update={"cache_seconds": 60}))
    assert [app.test_client().get("/readyz").status_code for _ in range(5)] == [200] * 5
    assert looked.call_count == 1
    app.extensions["tthc"].database.engine.dispose()


def test_readyz_says_no_more_to_the_public(client: Client) -> None:
    assert client.get("/readyz").json == {"status": "ok", "database": "ok", "migration": "ok"}


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠", " =", "\u00a0＝", "\t"])
def test_no_name_is_a_formula_in_a_table(client: Client, sign: str) -> None:
    client.push(dossier(field_name=f"{sign}1+1", field_code="G1"))
    answer = client.get("/api/v1/stats", unit="H23.45", group_by="field", format="csv", as_of="2023-10-05")
    names = [row[1] for row in csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))][1:-1]
    assert all(name.startswith("'") or name == "1+1" for name in names)
