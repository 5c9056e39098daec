"""The options of a push mean the same for files, and for the steps of the national format."""

import json
from typing import Any

import pytest
from flask import Flask

from tests.support.client import Client, dossier
from tests.support.register_files import COLUMNS, as_csv, as_xlsx, send
from tests.support.senders import SenderB, hoso, tien_do

MISSPELT = {**dossier("F-1", due_at=None), "dueAt": "2023-10-06"}
FILES = {
    "a.json": json.dumps([MISSPELT, dossier("F-2")]),
    "a.ndjson": f"{json.dumps(MISSPELT)}\n{json.dumps(dossier('F-2'))}",
}
REGISTER = [[*COLUMNS, "Mã đơn vj", "Chủ hồ sơ"], ["H23.45-1", "1.004873", "4", "02/10/2023", "", "", "H23.45", "A"]]
LINES = "application/x-ndjson"


@pytest.mark.parametrize("name", FILES)
def test_unknown_fields_of_a_file_are_named_with_the_nearest(client: Client, name: str) -> None:
    assert send(client, name, FILES[name].encode()).json["unknown_fields"] == {"dueAt": "due_at"}


@pytest.mark.parametrize("name", FILES)
def test_strict_rejects_the_record_of_a_file_alone(client: Client, name: str) -> None:
    answer = send(client, name, FILES[name].encode(), strict="1")
    assert (answer.status_code, answer.json["created"]) == (207, 1)
    assert list(answer.json["rejections"][0]["errors"]) == ["dueAt"]


def test_a_file_of_the_national_format_is_read_with_its_own_words(client: Client) -> None:
    told = send(client, "a.json", json.dumps([hoso(ngayHenTra="20231006")]).encode()).json
    assert told["unknown_fields"] == {"ngayHenTra": "NgayHenTra"}


@pytest.mark.parametrize(("name", "content"), [("so.csv", as_csv(*REGISTER)), ("so.xlsx", as_xlsx(*REGISTER))])
class TestRegisters:
    def test_an_unknown_heading_is_named_with_the_nearest(self, client: Client, name: str, content: bytes) -> None:
        told = send(client, name, content).json["unknown_fields"]
        assert told == {"Mã đơn vj": "Mã đơn vị (unit_code)", "Chủ hồ sơ": None}

    def test_strict_refuses_the_file_and_names_the_heading(self, client: Client, name: str, content: bytes) -> None:
        answer = send(client, name, content, strict="1")
        assert (answer.status_code, "Chủ hồ sơ" in answer.text) == (422, True)
        assert client.get("/api/v1/units").json == {"units": []}

    def test_strict_takes_what_a_person_said_of_headings(self, client: Client, name: str, content: bytes) -> None:
        answer = send(client, name, content, strict="1", map="Mã đơn vj=unit_code", ignore="Chủ hồ sơ")
        assert (answer.status_code, answer.json["created"]) == (200, 1)
        assert "unknown_fields" not in answer.text


@pytest.mark.parametrize("said", ["Mã đơn vj=mã gì đó", "=unit_code", "Mã đơn vj"])
def test_what_is_said_of_a_heading_that_names_no_field_is_refused(client: Client, said: str) -> None:
    answer = send(client, "so.csv", as_csv(*REGISTER), map=said)
    assert (answer.status_code, list(answer.json["errors"])) == (400, ["map"])


@pytest.mark.parametrize("name", ["dry_run", "strict"])
def test_an_option_of_a_file_is_0_or_1(client: Client, name: str) -> None:
    assert send(client, "so.csv", as_csv(*REGISTER), **{name: "2"}).status_code == 400


def test_a_file_is_answered_by_a_line_a_row_in_order(client: Client) -> None:
    rows = [
        [f"H23.45-{number}", "1.004873", "4", "x" if number % 2 else "02/10/2023", "", ""] for number in range(1500)
    ]
    client.auth["Accept"] = LINES
    answer = send(client, "so.csv", as_csv(COLUMNS, *rows))
    lines = [json.loads(line) for line in answer.data.splitlines()]
    assert (answer.status_code, answer.mimetype) == (207, LINES)
    assert [(line["index"], line["row"]) for line in lines] == [(at, at + 2) for at in range(1500)]
    assert [line["result"] for line in lines[:2]] == ["created", "rejected"]
    assert list(lines[1]["errors"]) == ["Ngày tiếp nhận"]


def test_a_line_has_what_was_doubted_while_reading(client: Client) -> None:
    rows = [["H23.45-1", "1.004873", status, "02/10/2023", "", ""] for status in "44"]
    client.auth["Accept"] = LINES
    lines = send(client, "so.csv", as_csv(COLUMNS, *rows)).data.splitlines()
    assert [warning["kind"] for warning in json.loads(lines[1])["warnings"]] == ["repeated_code"]


def test_warnings_of_reading_that_were_cut_are_told(client: Client) -> None:
    rows = [["H23.45-1", "1.004873", "4", "02/10/2023", "", ""]] * 1002
    told = send(client, "so.csv", as_csv(COLUMNS, *rows)).json
    assert (len(told["warnings"]), told["truncated"]) == (1000, True)


def test_the_command_takes_strict_too(app: Flask, client: Client, tmp_path: Any) -> None:
    (tmp_path / "so.csv").write_bytes(as_csv(*REGISTER))
    told = app.test_cli_runner().invoke(
        args=["dossiers", "import", str(tmp_path / "so.csv"), "--source", "mot-cua", "--strict"]
    )
    assert (told.exit_code, "Chủ hồ sơ" in told.output) == (2, True)


STEP = tien_do("H23.45-231002-0001", "20231003080000", "9")


def test_unknown_fields_of_a_step_are_named(bare: SenderB) -> None:
    bare.post("DongBoHoSoMC", [hoso()])
    answer = bare.post("CapNhatTienDoHoSoMC", [{**STEP, "thoiDiemXuLi": "x", "NoiDungXuLy": "x"}])
    assert answer["result"]["unknown_fields"] == {"thoiDiemXuLi": "ThoiDiemXuLy"}


def test_strict_rejects_a_step_with_an_unknown_field(bare: SenderB) -> None:
    bare.post("DongBoHoSoMC", [hoso()])
    answer = bare.post("CapNhatTienDoHoSoMC", [{**STEP, "thoiDiemXuLi": "x"}, STEP], strict="1")
    assert (answer["error_code"], answer["result"]["updated"]) == ("207", 1)
    assert list(answer["result"]["rejections"][0]["errors"]) == ["thoiDiemXuLi"]


def test_a_dry_run_of_a_step_stores_nothing(bare: SenderB, client: Client) -> None:
    bare.post("DongBoHoSoMC", [hoso()])
    assert bare.post("CapNhatTienDoHoSoMC", [STEP], dry_run="1")["result"]["updated"] == 1
    assert client.counts(period="2023")["resolved"] == 0


def test_steps_are_taken_all_or_none_with_atomic(bare: SenderB, client: Client) -> None:
    bare.post("DongBoHoSoMC", [hoso()])
    answer = bare.post("CapNhatTienDoHoSoMC", [STEP, tien_do("H23.45-0", "20231003080000", "9")], atomic="1")
    assert (answer["error_code"], client.counts(period="2023")["resolved"]) == ("422", 0)
