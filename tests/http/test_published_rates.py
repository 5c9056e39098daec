"""Published rates read back from the running service: at least one row a formula."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from tests.support.client import Client, dossier
from tests.unit.test_published_rates import plain

ROWS = json.loads((Path(__file__).parent.parent / "data" / "published-rates.json").read_text())["rates"]
SMALL = [
    ("vinh-phuc-sokhcn-2018", "resolved", "on_time"),
    ("vinh-phuc-sokhcn-2018", "due", "late"),
    ("ben-tre-2021-05", "completion", "resolved"),
    ("ben-tre-2021-05", "resolved", "late"),
    ("vinh-phuc-2021-09-tt", "due", "on_time"),
    ("dvcqg-2026-yen-phu", "national", "on_time"),
    ("dvcqg-2026-yen-phu", "national", "score"),
    ("dvcqg-2026-08-so-ngoai-vu", "national", "on_time"),
]
AT_ONCE = 20_000
ASKED = {"period": "2023-03", "as_of": "2023-03-31", "honest_ends": "off"}
IN_TIME = {"status": 9, "due_at": "2023-03-20", "finished_at": "2023-03-10"}
LATE = {"status": 9, "due_at": "2023-03-08", "finished_at": "2023-03-10"}
OVERDUE = {"status": 4, "due_at": "2023-03-08"}
WAITING = {"status": 4, "due_at": "2023-04-20"}


def row_of(case: str, formula: str, rate: str) -> dict[str, Any]:
    return next(row for row in ROWS if (row["case"], row["formula"], row["rate"]) == (case, formula, rate))


def kinds(formula: str, rate: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the dossiers of the numerator, and the others of the denominator."""
    others = {"completion": WAITING, "due": OVERDUE, "national": OVERDUE}.get(formula, LATE)
    return (others, IN_TIME) if rate == "late" else (IN_TIME, others)


def make(parts: list[tuple[int, dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    number = 0
    for count, kind in parts:
        for _ in range(count):
            number += 1
            yield dossier(f"H23.45-{number}", received_at="2023-03-01T08:00:00+07:00", **kind)


def push(client: Client, parts: list[tuple[int, dict[str, Any]]]) -> None:
    records = make(parts)
    while lines := list(islice(records, AT_ONCE)):
        response = client.ndjson(lines, packed=True)
        assert (response.status_code, response.json["created"]) == (200, len(lines))


def read(client: Client, row: dict[str, Any]) -> str:
    rates = client.stats(formula=row["formula"], decimals=row["decimals"], **ASKED)["rates"]
    shown: str = rates["score"] if row["rate"] == "score" else rates[row["rate"]]["percent"]
    return plain(shown)


@pytest.mark.parametrize(("case", "formula", "rate"), SMALL)
def test_a_published_row_is_read_back(client: Client, case: str, formula: str, rate: str) -> None:
    row = row_of(case, formula, rate)
    above, others = kinds(formula, rate)
    push(client, [(row["numerator"], above), (row["denominator"] - row["numerator"], others)])
    assert read(client, row) == plain(row["printed"])


def test_tu_ky_is_read_back_under_both_of_its_formulas(client: Client) -> None:
    push(client, [(41049, IN_TIME), (26, LATE), (287, WAITING)])
    rows = [row for row in ROWS if row["case"] == "tu-ky-2023-10"]
    assert [read(client, row) for row in rows] == [plain(row["printed"]) for row in rows]
    assert len(rows) == 4


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # over a minute: once is enough
def test_all_585336_dossiers_of_quan_1_are_read_back_over_received(client: Client) -> None:
    row = row_of("q1-hcm-2018", "received", "on_time")
    push(client, [(row["counts"]["resolved"], IN_TIME), (row["counts"]["in_progress_within"], WAITING)])
    assert read(client, row) == plain(row["printed"]) == "99.96"
    counts = client.counts(**ASKED)
    assert counts["received"] == row["denominator"] == 585_336
    assert counts["early_or_on_time"] == row["numerator"] == 585_116
    assert (counts["late"], counts["open_in_time"]) == (0, 220)


def test_received_may_exceed_100(client: Client) -> None:
    carried_over = IN_TIME | {"received_at": "2023-02-20"}
    client.batch([*(dossier(f"H23.45-old-{n}", **carried_over) for n in range(2)), *make([(8, IN_TIME)])])
    rate = client.stats(formula="received", **ASKED)["rates"]["on_time"]
    assert rate == {"numerator": 10, "denominator": 8, "percent": "125.0"}


def test_formulas_are_explained_in_both_languages_with_their_publishers(client: Client) -> None:
    told = client.get("/api/v1/formulas").json["formulas"]
    published = {row["formula"] for row in ROWS} - {"share_of_resolved"}
    assert {formula["id"].partition("/")[0] for formula in told} - {"cohort"} == published
    for formula in told:
        assert all(formula[part][lang] for part in ("title", "explanation") for lang in ("vi", "en"))
        assert formula["published_by"] or formula["id"] == "cohort/1"  # nobody publishes it yet
        assert all(ratio["numerator"] and ratio["denominator"] for ratio in formula["rates"].values())
