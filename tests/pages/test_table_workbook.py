"""Tables for people: a workbook with headings in words and the numbers of the page."""

import io

import pytest
from flask import Flask
from openpyxl import load_workbook

from tests.support.client import Client, dossier
from tests.support.demonstration import QUERY, UNIT


def cells(app: Flask, query: str) -> list[tuple[object, ...]]:
    """Return the rows of the workbook."""
    answer = app.test_client().get(f"/units/{UNIT}/table.xlsx?{QUERY}&{query}")
    assert answer.status_code == 200
    return list(load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows(values_only=True))


def test_headings_are_words_and_numbers_are_numbers(demo_app: Flask) -> None:
    rows = cells(demo_app, "group_by=unit")
    assert rows[0][0] == "Huyện Tứ Kỳ (H23.45)"
    assert rows[4][:5] == ("Mã", "Tên", "Tỷ lệ đúng hạn, %", "Số hồ sơ xử lý", "Tồn kỳ trước")
    assert rows[-1][:4] == (UNIT, "Tổng số", 99.9, 41362)
    assert len(rows) == 5 + 24 + 1


@pytest.mark.parametrize(("group_by", "first"), [("field", "G05-HK01"), ("channel", "direct"), ("month", "2023-01")])
def test_every_table_of_the_page_has_one(demo_app: Flask, group_by: str, first: str) -> None:
    rows = cells(demo_app, f"group_by={group_by}&lang=en")
    assert rows[4][:3] == ("Code", "Name", "On-time rate, %")
    assert first in [row[0] for row in rows[5:]]


def test_procedures_of_few_dossiers_stand_together(client: Client, app: Flask) -> None:
    procedures = {"1.000001": 5, "1.000002": 4, "1.000003": 1}
    client.batch(
        dossier(f"{code}-{number}", procedure_code=code) for code, most in procedures.items() for number in range(most)
    )
    answer = app.test_client().get("/units/H23.45/table.xlsx?group_by=procedure&period=2023&as_of=2023-12-31")
    rows = list(load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows(min_row=6, values_only=True))
    assert [(row[0], row[3]) for row in rows] == [("1.000001", 5), (None, 5), ("H23.45", 10)]
    assert rows[1][1] == "Các thủ tục dưới 5 hồ sơ (2)"
    exact = client.stats("H23.45", period="2023", as_of="2023-12-31", group_by="procedure")["groups"]
    assert [group["counts"]["workload"] for group in exact] == [5, 4, 1]
