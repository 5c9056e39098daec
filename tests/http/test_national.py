"""The national sync format: the samples, the two senders, and what is refused."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from service.store import sources
from service.store.database import Database
from tests.support.client import Client
from tests.support.senders import SenderA, SenderB, hoso, sample, tien_do

ASKED = {"period": "2023", "as_of": "2023-10-04T23:59:59+07:00"}
CODE = "H23.45-231002-0001"


def push_samples(sender: SenderA) -> None:
    sender.sync(sample("national-DongBoHoSoMC.json")["data"])
    sender.progress(sample("national-CapNhatTienDoHoSoMC.json")["data"])


def some(counts: Any, *names: str) -> tuple[int, ...]:
    return tuple(counts[name] for name in names)


def test_the_samples_give_the_commune_what_their_readme_says(sender: SenderA, client: Client) -> None:
    push_samples(sender)
    counts = client.counts("H23.45.07", subtree="0", **ASKED)
    names = "workload", "received", "early", "on_time", "late", "no_deadline", "withdrawn", "in_progress"
    assert some(counts, *names) == (4, 4, 1, 1, 0, 1, 1, 0)


def test_the_samples_give_the_district_what_their_readme_says(sender: SenderA, client: Client) -> None:
    push_samples(sender)
    assert some(client.counts("H23.45", subtree="0", **ASKED), "workload", "late", "paused") == (2, 1, 1)
    assert client.counts("H23.45", **ASKED)["workload"] == 6


def test_sender_a_runs_unchanged_and_the_widget_shows_it(sender: SenderA, client: Client) -> None:
    run(sender)
    assert_widget(client)


def test_sender_b_runs_unchanged_and_the_widget_shows_it(bare: SenderB, client: Client) -> None:
    run(bare)
    assert_widget(client)


def test_both_senders_may_send_everything_twice(sender: SenderA, client: Client) -> None:
    run(sender)
    run(sender)
    assert_widget(client)


def run(sender: SenderA | SenderB) -> None:
    """Twelve dossiers come in; nine are done the next day, one late; then one step in chunks of ten."""
    codes = [f"H23.45-231002-{number:04}" for number in range(1, 13)]
    steps = [tien_do(code, "20231002081500", "4") for code in codes]
    steps += [tien_do(code, "20231003100000", "9") for code in codes[:8]]
    steps += [tien_do(code, "20231004100000", "10") for code in codes[:8]]
    steps += [tien_do(codes[8], "20231007090000", "9")]
    sender.run([hoso(code) for code in codes], steps)


def assert_widget(client: Client) -> None:
    shown = client.widget("H23.45", period="2023", as_of="2023-10-08")
    expected = {"workload": 12, "early_or_on_time": 8, "late": 1, "resolved": 9, "in_progress": 3, "open_overdue": 3}
    assert shown["counts"] == expected
    assert shown["text"]["rate"] == "88.9%"


def test_a_dossier_can_be_looked_up_as_it_stands(sender: SenderA) -> None:
    sender.sync([hoso()])
    sender.progress([tien_do(CODE, "20231004093000", "9")])
    (dossier,) = sender.call("TraCuuHoSo", mahoso=CODE)["result"]
    assert (dossier["TrangThaiHoSo"], dossier["NgayKetThucXuLy"]) == ("9", "20231004093000")
    assert (dossier["NgayTiepNhan"], dossier["DonViXuLy"]) == ("20231002080000", "UBND huyện Tứ Kỳ")


def test_what_was_looked_up_can_be_sent_back(sender: SenderA) -> None:
    supplements = [{"NgayBoSung": "20231003090000", "NgayTiepNhanBoSung": "", "NgayHenTraMoi": "20231010170000"}]
    sender.sync([hoso(TrangThaiHoSo="5", DanhSachHoSoBoSung=supplements)])
    (dossier,) = sender.call("TraCuuHoSo", mahoso=CODE)["result"]
    assert sender.sync([dossier], "True")["result"]["unchanged"] == 1


def test_a_dossier_of_another_source_is_not_found(sender: SenderA, app: Flask, database: Database) -> None:
    sender.sync([hoso()])
    with database.writing() as session:
        key = sources.add(session, "khac", None, datetime.now(UTC))
    other = SenderA(app.test_client(), "khac", key)
    other.login()
    assert other.call("TraCuuHoSo", mahoso=CODE)["result"] == []


@pytest.mark.parametrize("asked", ["1.004873.000.00.00.H23", "1.004873", "1.004873.000.00.00.H56"])
def test_a_procedure_is_found_with_or_without_its_suffix(sender: SenderA, asked: str) -> None:
    sender.sync([hoso(MaTTHC="1.004873.000.00.00.H23")])
    (procedure,) = sender.call("LayThuTuc", maTTHC=asked)["result"]
    assert procedure["TENTTHC"] == "Cung cấp dữ liệu đất đai"
    assert procedure["LINHVUCTHUCHIEN"] == [{"MALINHVUC": "G10-DD01", "TENLINHVUC": "Đất đai"}]


def test_an_unknown_procedure_or_dossier_is_an_empty_list(sender: SenderA) -> None:
    assert sender.call("LayThuTuc", maTTHC="9.999999")["result"] == []
    assert sender.call("TraCuuHoSo", mahoso="H23.45-0")["result"] == []


@pytest.mark.parametrize("given", [{}, {"mahoso": ""}, {"mahoso": "  "}, {"mahoso": 7}, {"mahoso": None}])
def test_a_look_up_without_a_code_is_refused(sender: SenderA, given: dict[str, Any]) -> None:
    for service in ("TraCuuHoSo", "LayThuTuc"):
        answer = sender.call(service, **given)
        assert answer["error_code"] == 400
        assert answer["result"] == []


def test_the_success_code_is_the_source_s_own(sender: SenderA, bare: SenderB, database: Database) -> None:
    with database.writing() as session:
        sources.set_ok_code(session, "mot-cua", "00")
    assert sender.sync([hoso()])["error_code"] == "00"
    assert bare.post("CapNhatTienDoHoSoMC", [tien_do(CODE, "20231004093000", "9")])["error_code"] == "00"


def test_the_last_new_due_date_counts(sender: SenderA, client: Client) -> None:
    moved = [
        {"NgayBoSung": "20231004090000", "NgayTiepNhanBoSung": "20231005090000", "NgayHenTraMoi": "20231012170000"},
        {"NgayBoSung": "20231003090000", "NgayTiepNhanBoSung": "20231003150000", "NgayHenTraMoi": "20231009170000"},
    ]
    sender.sync([hoso(TrangThaiHoSo="9", NgayKetThucXuLy="20231012100000", DanhSachHoSoBoSung=moved)])
    assert client.counts(as_of="2023-10-12", period="2023")["on_time"] == 1
    assert client.counts(as_of="2023-10-04", period="2023")["paused_overdue"] == 1  # in the second pause


def test_a_refused_dossier_is_never_in_the_workload(sender: SenderA, client: Client) -> None:
    sender.sync([hoso(NgayTiepNhan="", NgayNopHoSo="20231002080000", TrangThaiHoSo="3", NgayTuChoi="20231002090000")])
    assert client.counts(as_of="2023-10-05", period="2023")["workload"] == 0
    (dossier,) = sender.call("TraCuuHoSo", mahoso=CODE)["result"]
    assert (dossier["NgayTuChoi"], dossier["NgayKetThucXuLy"]) == ("20231002090000", "")


@pytest.mark.parametrize(
    ("code", "agency", "unit"),
    [
        ("000.00.45.H23-230901-0007", "H99", "H23.45"),
        ("H44.100-250701-0001", "", "H44.100"),
        ("HS-0001", "000.00.45.H23", "H23.45"),
        ("20231002/77", "H23.45", "H23.45"),
    ],
)
def test_the_unit_is_the_code_s_prefix_else_the_agency(
    bare: SenderB, client: Client, code: str, agency: str, unit: str
) -> None:
    bare.post("DongBoHoSoMC", [hoso(code)], MaDinhDanhDV=agency)
    assert client.counts(unit, subtree="0", as_of="2023-10-05", period="2023")["workload"] == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("NgayTiepNhan", "20231332"),
        ("NgayTiepNhan", "20231002246000"),
        ("NgayTiepNhan", "02/10/2023"),
        ("NgayTiepNhan", ""),
        ("NgayHenTra", "2023100617"),
        ("NgayKetThucXuLy", "19000101"),
        ("NgayTra", ["20231006"]),
        ("TrangThaiHoSo", "11"),
        ("TrangThaiHoSo", ""),
        ("KenhThucHien", "9"),
        ("MaTTHC", ""),
        ("DanhSachHoSoBoSung", [{"NgayBoSung": "20231332"}]),
        ("DanhSachHoSoBoSung", "x"),
    ],
)
def test_a_bad_dossier_is_refused_alone_by_its_code_and_field(sender: SenderA, field: str, value: Any) -> None:
    answer = sender.sync([hoso(), hoso("H23.45-231002-0002", **{field: value})])
    assert (answer["error_code"], answer["result"]["created"], answer["result"]["rejected"]) == ("207", 1, 1)
    (rejection,) = answer["result"]["rejections"]
    assert rejection["code"] == "H23.45-231002-0002"
    assert [name.partition(".")[0] for name in rejection["errors"]] == [field]
    assert "H23.45-231002-0002" in answer["message"] and field in answer["message"]
    assert "thành công" not in answer["message"]


def test_a_wholly_refused_batch_says_so(sender: SenderA) -> None:
    answer = sender.sync([hoso(MaTTHC=""), "x", None])
    assert (answer["error_code"], answer["result"]["rejected"]) == ("422", 3)


def test_a_code_without_any_agency_is_refused(bare: SenderB) -> None:
    answer = bare.post("DongBoHoSoMC", [hoso("HS-1")], MaDinhDanhDV="")
    assert list(answer["result"]["rejections"][0]["errors"]) == ["MaHoSo"]


def test_a_step_of_an_unknown_dossier_is_refused_by_its_code(sender: SenderA) -> None:
    sender.sync([hoso()])
    answer = sender.progress([tien_do("H23.45-0", "20231003080000", "4"), tien_do(CODE, "20231003080000", "9")])
    assert (answer["error_code"], answer["result"]["updated"]) == ("207", 1)
    assert answer["result"]["rejections"][0]["code"] == "H23.45-0"
    assert list(answer["result"]["rejections"][0]["errors"]) == ["MaHoSo"]


@pytest.mark.parametrize(
    ("step", "field"),
    [
        (tien_do(CODE, "20231332", "4"), "ThoiDiemXuLy"),
        (tien_do(CODE, "", "4"), "ThoiDiemXuLy"),
        (tien_do(CODE, "20231003080000", "0"), "TrangThai"),
        (tien_do("", "20231003080000", "4"), "MaHoSo"),
    ],
)
def test_a_bad_step_is_refused_by_its_field(sender: SenderA, step: Any, field: str) -> None:
    sender.sync([hoso()])
    assert list(sender.progress([step])["result"]["rejections"][0]["errors"]) == [field]


def test_steps_move_the_status_in_any_order(sender: SenderA, client: Client) -> None:
    sender.sync([hoso(TrangThaiHoSo="1", NgayTiepNhan="", NgayNopHoSo="20231002073000")])
    for moment, status in (("20231006090000", "10"), ("20231004090000", "9"), ("20231002080000", "2")):
        sender.progress([tien_do(CODE, moment, status)])
    assert some(client.counts(as_of="2023-10-10", period="2023"), "received", "early") == (1, 1)


def test_a_step_10_with_its_moment_needs_no_end_date(sender: SenderA, client: Client) -> None:
    sender.sync([hoso()])
    told = sender.progress([tien_do(CODE, "20231005090000", "10")])
    assert (told["error_code"], told["result"]["updated"], told["result"]["warnings"]) == ("0", 1, [])
    assert some(client.counts(as_of="2023-10-10", period="2023"), "resolved", "early") == (1, 1)


API_NAMES = re.compile(r"\b[a-z]+_(?:at|code|name|precision)\b")


def test_no_answer_speaks_of_the_api_s_own_fields(sender: SenderA) -> None:
    """Everything that can be warned about or refused here is told in the sender's own names."""
    answers = [
        sender.sync([hoso(TrangThaiHoSo="9")]),  # no end date
        sender.sync([hoso(NgayTiepNhan="")]),
        sender.sync([hoso(NgayHenTra="20230901")]),
        sender.sync([hoso(TrangThaiHoSo="9", NgayKetThucXuLy="20230901")]),
        sender.sync([hoso(NgayTiepNhan="20991231")]),
        sender.sync([hoso(NgayHenTra="99991231")]),
        sender.sync([hoso(TrangThaiHoSo="11"), hoso(KenhThucHien="9"), hoso(MaTTHC=""), hoso(MaHoSo="")]),
        sender.progress([tien_do(CODE, "x", "4"), tien_do("H23.45-0", "20231003", "4"), tien_do(CODE, "", "12")]),
    ]
    assert [name for answer in answers for name in API_NAMES.findall(json.dumps(answer["result"]))] == []
    assert "NgayKetThucXuLy" in json.dumps(answers[0]["result"]["warnings"])
    assert "NgayTiepNhan" in json.dumps(answers[1]["result"]["rejections"])
