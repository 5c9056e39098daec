"""The import as a command."""

import io
from pathlib import Path
from typing import Any

from flask import Flask
from openpyxl import Workbook

from tests.support.client import Client
from tests.support.register_files import COLUMNS, REGISTER, as_csv, assert_register, row, rows_of, send


def run(app: Flask, *args: str) -> Any:
    return app.test_cli_runner().invoke(args=["dossiers", "import", *args])


def test_the_command_imports_and_writes_the_rejected_rows(app: Flask, client: Client, tmp_path: Path) -> None:
    file = tmp_path / "so.csv"
    file.write_text(REGISTER, encoding="utf-8-sig")
    result = run(app, str(file), "--source", "mot-cua")
    assert result.exit_code == 0, result.output
    assert_register(client)
    assert "Chủ hồ sơ" not in rows_of(io.BytesIO((tmp_path / "so-bi-tu-choi.xlsx").read_bytes()))[0]


def test_an_earlier_file_of_rejected_rows_is_never_overwritten(app: Flask, client: Client, tmp_path: Path) -> None:
    file, earlier = tmp_path / "so.csv", tmp_path / "so-bi-tu-choi.xlsx"
    file.write_text(REGISTER, encoding="utf-8-sig")
    earlier.write_text("a clerk's own work")
    assert "so-bi-tu-choi-2.xlsx" in run(app, str(file), "--source", "mot-cua").output
    assert earlier.read_text() == "a clerk's own work"


def test_rejected_rows_never_overwrite_the_file_itself(app: Flask, client: Client, tmp_path: Path) -> None:
    file = tmp_path / "so.csv"
    file.write_text(REGISTER, encoding="utf-8-sig")
    run(app, str(file), "--source", "mot-cua", "--rejected", str(file))
    assert file.read_text(encoding="utf-8-sig") == REGISTER


def test_a_failure_to_write_rejected_rows_hides_nothing(app: Flask, client: Client, tmp_path: Path) -> None:
    file = tmp_path / "so.csv"
    file.write_text(REGISTER, encoding="utf-8-sig")
    result = run(app, str(file), "--source", "mot-cua", "--rejected", str(tmp_path / "nowhere" / "rejected.xlsx"))
    assert result.exit_code == 1
    assert "created            4" in result.output
    assert "Không ghi được" in result.output
    assert_register(client)


def test_what_a_heading_means_is_kept_for_the_source(app: Flask, client: Client, tmp_path: Path) -> None:
    file = tmp_path / "so.csv"
    file.write_bytes(as_csv([*COLUMNS[:4], "Hạn cuối", "Hạn nội bộ"], [*row()[:4], "06/10/2023", "x"]))
    first = run(app, str(file), "--source", "mot-cua")
    assert (first.exit_code, "--map 'Hạn cuối=Ngày hẹn trả'" in first.output) == (2, True)
    settled = ["--map", "Hạn cuối=due_at", "--ignore", "Hạn nội bộ"]
    assert run(app, str(file), "--source", "mot-cua", *settled).exit_code == 0
    assert "unchanged          1" in run(app, str(file), "--source", "mot-cua").output
    assert client.counts(period="2023", as_of="2023-10-07")["open_overdue"] == 1


def test_a_dry_run_keeps_nothing_of_what_a_heading_means(app: Flask, client: Client, tmp_path: Path) -> None:
    file = tmp_path / "so.csv"
    file.write_bytes(as_csv([*COLUMNS[:4], "Hạn cuối"], row()[:5]))
    assert run(app, str(file), "--source", "mot-cua", "--map", "Hạn cuối=due_at", "--dry-run").exit_code == 0
    assert run(app, str(file), "--source", "mot-cua").exit_code == 2


def test_a_field_that_does_not_exist_is_named(app: Flask, client: Client, tmp_path: Path) -> None:
    file = tmp_path / "so.csv"
    file.write_bytes(as_csv(COLUMNS, row()))
    result = run(app, str(file), "--source", "mot-cua", "--map", "Ngày hẹn=ngay_nao")
    assert (result.exit_code, "Ngày hẹn=ngay_nao" in result.output) == (2, True)


def test_the_command_can_run_dry(app: Flask, client: Client, tmp_path: Path) -> None:
    file = tmp_path / "so.csv"
    file.write_text(REGISTER, encoding="utf-8")
    assert "created            4" in run(app, str(file), "--source", "mot-cua", "--dry-run").output
    assert client.get("/api/v1/units").json == {"units": []}


def test_the_command_says_what_is_wrong(app: Flask, client: Client, tmp_path: Path) -> None:
    file = tmp_path / "so.csv"
    file.write_text("a,b\n1,2\n")
    result = run(app, str(file), "--source", "mot-cua")
    assert result.exit_code == 2 and "Thiếu cột" in result.output
    assert run(app, str(file), "--source", "nobody").exit_code == 2


def test_a_dry_run_leaves_no_file_unless_it_is_asked_for(app: Flask, client: Client, tmp_path: Path) -> None:
    file = tmp_path / "so.csv"
    file.write_text(REGISTER, encoding="utf-8-sig")
    run(app, str(file), "--source", "mot-cua", "--dry-run")
    assert [path.name for path in tmp_path.glob("*.xlsx")] == []
    run(app, str(file), "--source", "mot-cua", "--dry-run", "--rejected", str(tmp_path / "x.xlsx"))
    assert [path.name for path in tmp_path.glob("*.xlsx")] == ["x.xlsx"]


def test_every_row_that_was_passed_over_is_named(app: Flask, client: Client, tmp_path: Path) -> None:
    file = tmp_path / "so.csv"
    totals = [["Tổng cộng", "2"]] * 15
    file.write_bytes(as_csv(["SỔ"], COLUMNS, row(), *totals, row("H23.45-2"), ["Cộng"]))
    output = run(app, str(file), "--source", "mot-cua").output
    assert "tiêu đề, mục, ghi chú: dòng (rows) 1\n" in output
    assert "dòng tổng: dòng (rows) 4–18, 20\n" in output


def test_warnings_are_told_once_with_all_their_rows(app: Flask, client: Client, tmp_path: Path) -> None:
    file = tmp_path / "so.csv"
    file.write_bytes(as_csv(COLUMNS, *(row(f"H23.45-{number}", procedure="1,001193") for number in (1, 2, 3))))
    output = run(app, str(file), "--source", "mot-cua").output
    assert "dòng (rows) 2–4: Mã TTHC viết dấu phẩy" in output


def test_a_sheet_of_dossiers_without_headings_is_no_success(app: Flask, client: Client, tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    for line in (COLUMNS, row()):
        book.active.append(line)
    book.create_sheet("Tiếp").append(row("H23.45-2"))
    book.save(tmp_path / "so.xlsx")
    result = run(app, str(tmp_path / "so.xlsx"), "--source", "mot-cua")
    assert (result.exit_code, "1 dòng không đọc" in result.output) == (1, True)


def test_a_reason_is_told_in_full_once(app: Flask, client: Client, tmp_path: Path) -> None:
    file = tmp_path / "so.csv"
    file.write_bytes(as_csv(COLUMNS, row("H23.45-1", received="31/02/2023"), row("H23.45-2", received="mai")))
    output = run(app, str(file), "--source", "mot-cua").output
    assert output.count("Phải là ngày có thật") == 1
    assert "“…”: như ở dòng (row) 2" in output


def test_what_is_kept_of_headings_is_told_listed_and_forgotten(app: Flask, client: Client, tmp_path: Path) -> None:
    file = tmp_path / "so.csv"
    file.write_bytes(as_csv([*COLUMNS[:4], "Hạn cuối", "Hạn nội bộ"], [*row()[:4], "06/10/2023", "x"]))
    run(app, str(file), "--source", "mot-cua", "--map", "Hạn cuối=due_at", "--ignore", "Hạn nội bộ")
    assert "“Hạn cuối” được hiểu là Ngày hẹn trả (due_at)" in run(app, str(file), "--source", "mot-cua").output
    answer = send(client, "so.csv", file.read_bytes()).json
    assert answer and ["“Hạn nội bộ” được bỏ qua" in note for note in answer["notes"]] == [False, True]
    kept = app.test_cli_runner().invoke(args=["sources", "headings", "mot-cua"])
    assert kept.output.splitlines() == ["hancuoi → Ngày hẹn trả (due_at)", "hannoibo → bỏ qua (left unread)"]
    left = app.test_cli_runner().invoke(args=["sources", "headings", "mot-cua", "--forget", "Hạn cuối"])
    assert left.output.splitlines() == ["hannoibo → bỏ qua (left unread)"]
    assert "--map 'Hạn cuối=Ngày hẹn trả'" in run(app, str(file), "--source", "mot-cua").output


def test_a_heading_that_is_not_kept_cannot_be_forgotten(app: Flask, client: Client) -> None:
    result = app.test_cli_runner().invoke(args=["sources", "headings", "mot-cua", "--forget", "Hạn cuối"])
    assert (result.exit_code, "Hạn cuối" in result.output) == (2, True)


def test_a_map_of_a_heading_that_the_file_lacks_names_those_that_it_has(
    app: Flask, client: Client, tmp_path: Path
) -> None:
    file = tmp_path / "so.csv"
    file.write_bytes(as_csv([*COLUMNS, "Ghi chú thêm"], row()))
    result = run(app, str(file), "--source", "mot-cua", "--map", "Ghi chu khac=unit_name")
    assert (result.exit_code, "Đơn vị xử lý (unit_name)" in result.output) == (2, True)
    assert "Ghi chú thêm" in result.output
