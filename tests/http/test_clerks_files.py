"""Registers as they come, rebuilt from public files: tests/data/files/README.md says what must come out of each."""

from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from flask import Flask

from service.store import catalogue
from service.store.database import Database
from tests.support.client import Client
from tests.support.register_files import send

FILES = Path(__file__).parent.parent / "data" / "files"
RESULTS = ("created", "unchanged", "rejected")


class Taken(NamedTuple):
    """A file that is taken: how many rows were created, unchanged, rejected, and counts of the unit."""

    created: int
    unchanged: int = 0
    rejected: int = 0
    counts: dict[str, int] = {}  # noqa: RUF012


TAKEN = {
    "03-sheets-by-month.xlsx": Taken(3, counts={"early": 1, "late": 1, "open_overdue": 1}),
    "04-cover-sheet-first.xlsx": Taken(3),
    "05-codes-in-scientific-notation.csv": Taken(0, rejected=5),
    "07-procedure-codes-as-numbers.xlsx": Taken(5),
    "09-other-words-for-due-and-end.csv": Taken(3, counts={"early": 1, "late": 1, "open_overdue": 1}),
    "10-step-deadline-before-due.xlsx": Taken(1),
    "13-error-cells.xlsx": Taken(1, rejected=2),
    "13-error-cells-excel-97.xls": Taken(1, rejected=3),
    "14-formulas-never-calculated.xlsx": Taken(0, rejected=2),
    "16-zero-width.csv": Taken(1, unchanged=1),
    "19-headings-in-two-lines.xlsx": Taken(3, counts={"early": 1, "late": 1, "open_overdue": 1}),
    "20-times-as-written.csv": Taken(7),
    "23-excel-97.xls": Taken(3, counts={"early": 1, "late": 1, "open_overdue": 1}),
}
REFUSED = {
    "01-quote-not-closed.csv": "Dòng 3",
    "12-month-first.csv": "10/14/2023",
    "21-html-table.xls": "trang web",
    "24-with-password.xlsx": "mật khẩu",
    "25-tcvn3.csv": "TCVN3",
}
ASKED = {"period": "2023", "as_of": "2023-10-31"}


def by_http(client: Client, name: str) -> Any:
    return send(client, name, (FILES / name).read_bytes()).json


def by_command(app: Flask, name: str, folder: Path, *options: str) -> Any:
    path = folder / name
    path.write_bytes((FILES / name).read_bytes())
    return app.test_cli_runner().invoke(args=["dossiers", "import", str(path), "--source", "mot-cua", *options])


@pytest.mark.parametrize("name", TAKEN)
def test_a_file_is_taken_over_http(client: Client, name: str) -> None:
    expected, answer = TAKEN[name], by_http(client, name)
    assert [answer[result] for result in RESULTS] == [expected.created, expected.unchanged, expected.rejected]
    assert answer["received"] == sum(answer[result] for result in RESULTS)
    counts = client.counts("H99.01", **ASKED) if expected.created else {}
    assert {count: counts[count] for count in expected.counts} == expected.counts


@pytest.mark.parametrize("name", TAKEN)
def test_a_file_is_taken_by_the_command(app: Flask, client: Client, tmp_path: Path, name: str) -> None:
    expected, result = TAKEN[name], by_command(app, name, tmp_path)
    assert result.exit_code == (0 if expected.created else 1)
    for told, count in zip(RESULTS, expected, strict=False):
        assert f"{told:10}{count:>10}" in result.output


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_is_refused_over_http_with_the_reason(client: Client, name: str) -> None:
    assert REFUSED[name] in by_http(client, name)["detail"]
    assert client.get("/api/v1/units").json == {"units": []}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_is_refused_by_the_command_with_the_reason(
    app: Flask, client: Client, tmp_path: Path, name: str
) -> None:
    result = by_command(app, name, tmp_path)
    assert (result.exit_code, REFUSED[name] in result.output) == (2, True)
    assert client.get("/api/v1/units").json == {"units": []}


def history(client: Client, code: str) -> Any:
    dossier = client.http.get(f"/api/v1/dossiers/{code}", headers=client.auth).json
    assert dossier is not None
    return dossier


def state(client: Client, number: int, day: str = "231002") -> Any:
    return history(client, f"H99.01-{day}-{number:04}")


def test_a_cover_sheet_is_named_as_unread(client: Client) -> None:
    assert [sheet["name"] for sheet in by_http(client, "04-cover-sheet-first.xlsx")["unread"]["sheets"]] == ["Bìa"]


def test_procedure_codes_in_number_cells_get_their_zeros_back(client: Client) -> None:
    by_http(client, "07-procedure-codes-as-numbers.xlsx")
    codes = [state(client, number)["procedure_code"] for number in range(1, 6)]
    assert codes == ["1.001193", "1.001190", "1.001190", "1.014947", "2.000000"]


def test_each_mended_procedure_code_is_warned_about(client: Client) -> None:
    answer = by_http(client, "07-procedure-codes-as-numbers.xlsx")
    kinds = {entry["row"]: {warning["kind"] for warning in entry["warnings"]} for entry in answer["warnings"]}
    padded = {"procedure_code_padded"}
    assert kinds == {2: padded, 3: padded, 5: {"procedure_code_comma"}, 6: padded}


@pytest.mark.parametrize(
    ("rows", "warned"),
    [
        (("H99.01-231002-0001,1.00493",), ["procedure_code_short"]),
        (("H99.01-231002-0001,1.004930",), []),
        (("H99.01-231002-0001,1.004930", "H99.01-231002-0001,1.004930"), ["repeated_code"]),
        (("H99.01-231002-0001,1.004930", "H99.01-231002-0002,1.004930"), []),
    ],
)
def test_a_doubtful_code_is_warned_about(client: Client, rows: tuple[str, ...], warned: list[str]) -> None:
    lines = [f"{row},processing,2023-10-02" for row in rows]
    answer = send(client, "a.csv", "\n".join(["code,procedure_code,status,received_at", *lines]).encode()).json
    assert [warning["kind"] for entry in answer["warnings"] for warning in entry["warnings"]] == warned


def test_local_suffixes_share_one_time_limit(app: Flask, client: Client) -> None:
    runner = app.test_cli_runner()
    assert runner.invoke(args=["procedures", "import", str(FILES / "08-local-suffixes-catalogue.csv")]).exit_code == 0
    assert by_http(client, "08-local-suffixes.csv")["created"] == 5
    groups = client.stats("H99.01", group_by="procedure", **ASKED)["groups"]
    assert [group["key"]["code"] for group in groups] == ["1.004946"]
    assert client.counts("H99.01", period="2023", as_of="2023-10-09")["open_overdue"] == 0
    assert client.counts("H99.01", period="2023", as_of="2023-10-10")["open_overdue"] == 5


def test_the_more_exact_heading_gives_the_due_date(client: Client) -> None:
    answer = by_http(client, "10-step-deadline-before-due.xlsx")
    assert [column["heading"] for column in answer["unread"]["columns"]] == ["Hạn xử lý"]
    assert client.counts("H99.01", period="2023", as_of="2023-10-20")["open_overdue"] == 0
    assert client.counts("H99.01", period="2023", as_of="2023-10-21")["open_overdue"] == 1


def test_an_error_in_a_cell_rejects_its_row_under_its_heading(client: Client) -> None:
    rejections = by_http(client, "13-error-cells.xlsx")["rejections"]
    assert [(entry["row"], list(entry["errors"])) for entry in rejections] == [
        (3, ["Ngày hẹn trả"]),
        (4, ["Ngày hẹn trả"]),
    ]


def test_a_formula_without_a_value_says_what_to_do(client: Client) -> None:
    rejections = by_http(client, "14-formulas-never-calculated.xlsx")["rejections"]
    assert all("mở tệp bằng Excel, lưu lại" in entry["errors"]["Ngày hẹn trả"][0] for entry in rejections)


def test_zero_width_characters_are_no_part_of_a_code(client: Client) -> None:
    by_http(client, "16-zero-width.csv")
    assert state(client, 1)["procedure_code"] == "1.001193"


def test_times_are_read_as_they_are_written(client: Client) -> None:
    by_http(client, "20-times-as-written.csv")
    clocks = [state(client, number)["received_at"][:16] for number in range(1, 8)]
    assert clocks == [f"2023-10-02T{clock}" for clock in ("15:15", "08:00", *["15:15"] * 4, "00:00")]


@pytest.mark.parametrize(
    ("name", "units"),
    [
        ("27-units-levels.csv", 3),
    ],
)
def test_units_come_through_the_same_reader(app: Flask, database: Database, name: str, units: int) -> None:
    result = app.test_cli_runner().invoke(args=["units", "import", str(FILES / name)])
    assert result.exit_code == 0, result.output
    with database.reading() as session:
        assert len(catalogue.unit_tree(session).units) == units


def test_units_say_from_when_they_are_valid(app: Flask, database: Database) -> None:
    name = "28-units-as-excel-saves-them.csv"
    assert app.test_cli_runner().invoke(args=["units", "import", str(FILES / name)]).exit_code == 0
    with database.reading() as session:
        assert catalogue.unit_tree(session).units["H99"].valid_from == date(2025, 7, 1)
