"""Tables for people: a workbook with headings in words and the numbers of the page."""

import io

import pytest
from flask import Flask
from openpyxl import load_workbook

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
