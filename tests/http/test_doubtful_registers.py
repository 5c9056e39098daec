"""Registers that may be meant otherwise: read with a word about it, or refused with the question; both doors alike."""

from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from flask import Flask

from tests.http.test_registers_as_they_come import Row, row, workbook
from tests.support.catalogues import PROCEDURES, Operator
from tests.support.client import Client
from tests.support.register_files import COLUMNS, as_csv, send

SHORT = ["Mã hồ sơ", "Mã TTHC", "Ngày tiếp nhận"]
GIVEN = ["H99.01-231002-0001", "1.001193", "02/10/2023"]
UNIT = [*COLUMNS, "Mã đơn vị"]
TOTALS: list[Row] = [
    COLUMNS, ["Tổng cộng"], row(1), ["Lĩnh vực đất đai (2 hồ sơ)", 2], ["Cộng lĩnh vực", 1], ["Đất đai", "2", "1", "1"],
]  # fmt: skip
SWAPPED: list[Row] = [COLUMNS, row(1, received=date(2023, 2, 10)), row(2, received="25/10/2023", due=None)]


class Case(NamedTuple):
    """A file, and what is told of it: how many rows are stored, and the kinds of warnings; note: a part of a note."""

    rows: list[Row]
    stored: int
    warned: frozenset[str] = frozenset()
    note: str = ""
    passed_over: int = 0

    @property
    def content(self) -> bytes:
        return workbook(*self.rows)


def warned(*kinds: str) -> frozenset[str]:
    return frozenset(kinds)


ENDED = {"status": "Đã xử lý xong", "finished": "04/10/2023"}
CASES = {
    "Ngày trả beside a status": Case(
        [[*SHORT, "Trạng thái", "Ngày trả"], [*GIVEN, "Đã trả", "04/10/2023"]], 1, note="--map 'Ngày trả=Ngày hẹn trả'"
    ),
    "real dates of days up to 12, text of later ones": Case(SWAPPED, 2, note="đổi chỗ ngày và tháng"),
    "a name for a procedure": Case([COLUMNS, row(1, procedure="Đăng ký khai sinh")], 1, warned("procedure_named")),
    "a newer promise": Case([[*COLUMNS, "Ngày hẹn trả lại"], [*row(1), "09/10/2023"]], 1, warned("due_replaced")),
    "the same promise again": Case([[*COLUMNS, "Ngày hẹn trả lại"], [*row(1), "05/10/2023"]], 1),
    "in time by its word, late by its dates": Case(
        [COLUMNS, row(1, status="Đã giải quyết đúng hạn", finished="20/10/2023")], 1, warned("outcome_contradicted")
    ),
    "late by its word, in time by its dates": Case(
        [COLUMNS, row(1, status="Đã xử lý trễ hạn", finished="04/10/2023")], 1, warned("outcome_contradicted")
    ),
    "in time by both": Case([COLUMNS, row(1, status="Đã giải quyết đúng hạn", finished="05/10/2023")], 1),
    "under way with an end": Case([COLUMNS, row(1, finished="04/10/2023")], 1, warned("end_date_while_open")),
    "returned without a day": Case([COLUMNS, row(1, status="Đã trả")], 1, warned("closed_without_end")),
    "done before it came": Case([COLUMNS, row(1, **ENDED | {"finished": "01/10/2023"})], 1,
                                warned("finished_before_received")),
    "returned before it came": Case(
        [[*COLUMNS, "Ngày trả"], [*row(1, **ENDED), "01/10/2023"]], 1,
        warned("finished_before_received", "returned_before_finished"),
    ),
    "returned before it was done": Case(
        [[*COLUMNS, "Ngày trả"], [*row(1, **ENDED), "03/10/2023"]], 1, warned("returned_before_finished")
    ),
    "returned as it was done": Case([[*COLUMNS, "Ngày trả"], [*row(1, **ENDED), "04/10/2023"]], 1),
    "a blank for a hyphen": Case([COLUMNS, row(1, code="H99.01-231002 0001")], 1, warned("code_with_blank")),
    "groups and subtotals": Case(TOTALS, 1, passed_over=4),
    "small letters and blanks in codes": Case(
        [UNIT, *([*row(at), unit] for at, unit in enumerate(("h99.01", "H99 .01", "H99,01", "H99.01."), 1))],
        4, warned("unit_code_mended"),
    ),
    "a dossier's code in small letters": Case(
        [COLUMNS, row(1), row(1, code="h99.01 - 231002-0001")], 2, warned("code_mended", "repeated_code")
    ),
}  # fmt: skip


def by_command(app: Flask, folder: Path, content: bytes, *options: str) -> str:
    path = folder / "so.xlsx"
    path.write_bytes(content)
    command = ["dossiers", "import", str(path), "--source", "mot-cua", *options]
    output: str = app.test_cli_runner().invoke(args=command).output
    return output


def kinds(answer: Any) -> set[str]:
    return {warning["kind"] for entry in answer["warnings"] for warning in entry["warnings"]}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_is_doubtful_is_said_by_both_doors(app: Flask, client: Client, tmp_path: Path, case: Case) -> None:
    output = by_command(app, tmp_path, case.content, "--dry-run")
    answer: Any = send(client, "so.xlsx", case.content).json
    stored = sum(answer[result] for result in ("created", "updated", "unchanged"))
    assert (stored, answer["rejected"], answer["passed_over"]) == (case.stored, 0, case.passed_over)
    assert kinds(answer) == case.warned
    assert case.note in "\n".join(answer["notes"])
    assert bool(answer["notes"]) is bool(case.note)
    messages = [warning["message"] for entry in answer["warnings"] for warning in entry["warnings"]]
    assert [text for text in (*messages, *answer["notes"]) if text not in output] == []


@pytest.mark.parametrize("heading", ["Ngày trả", "Ngày trả kết quả", "Thời gian trả kết quả"])
def test_a_day_that_may_be_the_promise_or_the_return_is_asked_about(
    app: Flask, client: Client, tmp_path: Path, heading: str
) -> None:
    content = workbook([*SHORT, heading], [*GIVEN, "05/10/2030"])
    asked = f"--map '{heading}=Ngày hẹn trả'"
    assert asked in send(client, "so.xlsx", content).text
    assert asked in by_command(app, tmp_path, content)
    assert "created            1" in by_command(app, tmp_path, content, "--map", f"{heading}=due_at")


@pytest.mark.parametrize("heading", ["Ngày trả", "Hạn cuối"])
def test_what_was_kept_of_a_heading_gives_way_to_a_column_of_that_name(
    app: Flask, client: Client, tmp_path: Path, heading: str
) -> None:
    lacking = workbook([*SHORT, heading], [*GIVEN, "05/10/2023"])
    assert "created            1" in by_command(app, tmp_path, lacking, "--map", f"{heading}=due_at")
    both = workbook([*SHORT, "Trạng thái", "Ngày hẹn trả", heading], [*GIVEN, "Đã trả", "04/10/2023", "20/10/2023"])
    answer: Any = send(client, "so.xlsx", both).json
    if heading == "Ngày trả":
        assert ["Ngày hẹn trả" in note for note in answer["notes"]] == [True]
        assert client.counts("H99.01", period="2023", as_of="2023-10-31")["late"] == 1
    else:  # it may be a needed date beside the known one: asked again
        assert "--map 'Hạn cuối=Ngày hẹn trả'" in str(answer["errors"])
    said = by_command(app, tmp_path, both, "--map", f"{heading}=due_at", "--dry-run")
    assert f"“{heading}” được hiểu là Ngày hẹn trả (due_at)" in said
    assert f"“{heading}” được hiểu là Ngày hẹn trả (due_at)" in by_command(app, tmp_path, lacking, "--dry-run")


ENDS = [
    "Ngày đã trả", "Đã trả", "Trả", "Trả ngày", "Đã trả KQ ngày", "Xong ngày", "Ngày ra KQ", "TG trả", "Kết quả",
    "Dân nhận KQ", "Đã giải quyết", "5. Trả ngày (dd/mm)",
]  # fmt: skip


@pytest.mark.parametrize("heading", ENDS)
def test_a_heading_that_may_be_the_end_is_asked_about_where_nothing_else_tells_it(
    app: Flask, client: Client, tmp_path: Path, heading: str
) -> None:
    content = workbook([*SHORT, "Hẹn trả", heading], [*GIVEN, "05/10/2023", "04/10/2023"])
    answer = send(client, "so.xlsx", content)
    assert (answer.status_code, f"--ignore '{heading}'" in answer.text) == (422, True)
    assert f"--map '{heading}=" in by_command(app, tmp_path, content)


@pytest.mark.parametrize("heading", ["Thời gian giải quyết", "Người trả", "Nơi trả kết quả", "Hồ sơ", "Công dân"])
def test_a_heading_that_is_no_end_is_not_asked_about(client: Client, heading: str) -> None:
    answer: Any = send(client, "so.csv", as_csv([*SHORT, "Hẹn trả", heading], [*GIVEN, "05/10/2030", "x"])).json
    assert answer["created"] == 1


@pytest.mark.parametrize("heading", ["Ngày trả thực tế", "returned_at"])
def test_a_heading_that_says_the_return_is_taken(client: Client, heading: str) -> None:
    answer: Any = send(client, "so.csv", as_csv([*SHORT, heading], [*GIVEN, "05/10/2023"])).json
    assert (answer["created"], len(answer["notes"])) == (1, 1)
    assert "có Ngày trả (returned_at) được tính là đã xong" in answer["notes"][0]


@pytest.mark.parametrize(
    ("given", "doubted", "told"),
    [
        ({"procedure": "1.001139"}, {"procedure_unknown"}, "1.001139 (gần nhất / nearest: 1.001193)"),
        (
            {"procedure": "Đăng ký khai sinh"},
            {"procedure_unknown", "procedure_named"},
            "Đăng ký khai sinh (đây là tên của / this is the name of: 1.001193)",
        ),
        ({"procedure": "Tách thửa"}, {"procedure_unknown", "procedure_named"}, "Tách thửa"),
        ({"procedure": "1.001193.H99"}, set(), ""),
        ({"code": "H99.O1-231002-0001"}, {"unit_unknown"}, "H99.O1 (gần nhất / nearest: H99.01)"),
    ],
)
def test_a_code_that_no_catalogue_has_is_told_with_the_nearest(
    client: Client, operator: Operator, given: dict[str, str], doubted: set[str], told: str
) -> None:
    operator.imports("procedures", PROCEDURES, "1.001193,Đăng ký khai sinh,,,,", "1.004873,Đất đai,,,,")
    operator.imports("units", "code,name,level", "H99.01,Xã Một,commune")
    answer: Any = send(client, "so.csv", as_csv(COLUMNS, row(1, **given))).json
    assert (answer["created"], kinds(answer)) == (1, doubted)
    assert told in str(answer["warnings"])


def test_a_procedure_keeps_its_name_when_dossiers_come_with_a_local_suffix(client: Client, operator: Operator) -> None:
    operator.imports("procedures", PROCEDURES, "1.001193,Đăng ký khai sinh,,,,")
    send(client, "so.csv", as_csv(COLUMNS, row(1, procedure="1.001193.000.00.00.H99")))
    answer: Any = send(client, "so.csv", as_csv(COLUMNS, row(2, procedure="Đăng ký khai sinh"))).json
    assert "this is the name of: 1.001193" in str(answer["warnings"])


LOST = ",".join(COLUMNS).translate(str.maketrans("ồơạếậẹ", "______")) + "\r" + ",".join(map(str, row(1))) + "\r"
READABLE = "code,procedure_code,status,received_at,unit_name\r{},UBND xã Hòa\r"


def test_a_file_of_a_macintosh_that_lost_letters_is_refused(client: Client) -> None:
    answer = send(client, "so.csv", LOST.encode("mac_roman", "replace"))
    assert (answer.status_code, "CSV UTF-8" in answer.text) == (422, True)


def test_a_file_of_a_macintosh_that_lost_none_is_read(client: Client) -> None:
    cells = "H99.01-231002-0001,1.001193,processing,2023-10-02"
    answer: Any = send(client, "so.csv", READABLE.format(cells).encode("mac_roman")).json
    assert answer["created"] == 1
    assert client.stats("H99.01", period="2023", as_of="2023-10-31")["unit"]["name"] == "UBND xã Hòa"


DONE = {"status": "Đã xử lý xong", "finished": "04/10/2023"}


@pytest.mark.parametrize(
    ("first", "later", "told"),
    [
        ({}, {"due": ""}, {"due_left_out"}),
        ({}, DONE, set()),
        (DONE, {}, {"state_taken_back", "reopened"}),
        ({"status": "Đã trả", "finished": "04/10/2023"}, DONE, {"state_taken_back"}),
        ({"due": ""}, {}, set()),
    ],
    ids=["the due date left out", "done", "open again", "no longer returned", "a due date now"],
)
@pytest.mark.parametrize("limit", ["", "3,working_day"])
def test_what_a_later_file_takes_back_is_told(
    client: Client, operator: Operator, limit: str, first: dict[str, str], later: dict[str, str], told: set[str]
) -> None:
    if limit:
        operator.imports("procedures", PROCEDURES, f"1.001193,Đăng ký khai sinh,,,{limit}")
    send(client, "so.csv", as_csv(COLUMNS, row(1, **first)))
    assert kinds(send(client, "so.csv", as_csv(COLUMNS, row(1, **later))).json) == told


def test_a_correction_with_its_moment_is_no_older_file(client: Client) -> None:
    headings = [*COLUMNS, "Ngày cập nhật"]
    send(client, "so.csv", as_csv(headings, [*row(1, **DONE), "05/10/2023 08:00"]))
    later = send(client, "so.csv", as_csv(headings, [*row(1), "06/10/2023 08:00"])).json
    assert kinds(later) == {"reopened"}


@pytest.mark.parametrize("moment", ["05/10/2023", "05/10/2023 08:00"])
def test_a_state_taken_back_under_the_same_moment_is_told_or_stale(client: Client, moment: str) -> None:
    headings = [*COLUMNS, "Ngày cập nhật"]
    returned = row(1, status="Đã trả", finished="")
    send(client, "so.csv", as_csv(headings, [*returned, moment]))
    later: Any = send(client, "so.csv", as_csv(headings, [*row(1), moment])).json
    assert (later["stale"], "state_taken_back" in kinds(later)) in [(1, False), (0, True)]
    assert later["stale"] == (len(moment) > 10)


def test_a_file_with_one_code_twice_takes_nothing_back_when_it_is_sent_again(client: Client) -> None:
    twice = as_csv(COLUMNS, row(1, **DONE), row(1, **DONE | {"finished": "09/10/2023"}))
    send(client, "so.csv", twice)
    again: Any = send(client, "so.csv", twice).json
    assert (again["unchanged"], kinds(again)) == (2, {"repeated_code"})
    late = client.counts("H99.01", period="2023", as_of="2023-10-31")["late"]
    assert late == 1


def test_the_row_that_was_right_is_news_when_it_is_sent_alone(client: Client) -> None:
    right, wrong = row(1, **DONE), row(1, **DONE | {"finished": "09/10/2023"})
    send(client, "so.csv", as_csv(COLUMNS, right, wrong))
    alone: Any = send(client, "so.csv", as_csv(COLUMNS, right)).json
    assert alone["updated"] == 1


def test_merged_headings_are_no_matter(client: Client) -> None:
    content = workbook(["SỔ"], COLUMNS, row(1), dress=lambda sheet: sheet.merge_cells("A1:F1"))
    assert send(client, "so.xlsx", content).json["notes"] == []
