"""Imports of units, procedures and working days: taken whole, or refused with the line."""

from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from service.store import catalogue
from service.store.database import Database
from tests.support.client import Client, dossier

DATA = Path(__file__).parent.parent / "data"
UNITS = "code,name,level,parent_code,valid_from,valid_to,successor_codes\n"
PROCEDURES = "code,name,field_code,field_name,limit_amount,limit_unit\n"
DAYS = "date,working,reason\n"


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


def take(runner: FlaskCliRunner, tmp_path: Path, what: str, text: str, encoding: str = "utf-8") -> tuple[int, str]:
    path = tmp_path / "file.csv"
    path.write_bytes(text.encode(encoding))
    result = runner.invoke(args=[what, "import", str(path)])
    return result.exit_code, result.output


def known(database: Database) -> set[str]:
    with database.reading() as session:
        return set(catalogue.unit_tree(session).units)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_units_in_both_styles_and_encodings(
    runner: FlaskCliRunner, tmp_path: Path, database: Database, encoding: str
) -> None:
    text = f"{UNITS}000.00.00.H23,Tỉnh Hải Dương,province,,,,\n000.00.45.H23,Huyện Tứ Kỳ,district,000.00.00.H23,,,\n"
    assert take(runner, tmp_path, "units", text, encoding)[0] == 0
    with database.reading() as session:
        unit = catalogue.unit_tree(session).units["H23.45"]
    assert (unit.name, unit.parent_code, unit.provisional) == ("Huyện Tứ Kỳ", "H23", False)


@pytest.mark.parametrize("level", ["province", "department", "district", "commune", "other"])
def test_every_level_is_taken(runner: FlaskCliRunner, tmp_path: Path, database: Database, level: str) -> None:
    take(runner, tmp_path, "units", f"{UNITS}H23.1,Sở Một,{level},,,,\n")
    with database.reading() as session:
        assert catalogue.unit_tree(session).units["H23.1"].level == level


@pytest.mark.parametrize(("cell", "expected"), [("yes", True), ("không", False), ("", None)])
def test_the_column_reports_says_whether_a_unit_sends(
    runner: FlaskCliRunner, tmp_path: Path, database: Database, cell: str, expected: bool | None
) -> None:
    take(runner, tmp_path, "units", f"{UNITS.strip()},reports\nH23.1,,,,,,,{cell}\n")
    with database.reading() as session:
        assert catalogue.unit_tree(session).units["H23.1"].reports is expected


def test_a_parent_given_in_an_import_wins_over_the_prefix(
    runner: FlaskCliRunner, tmp_path: Path, client: Client
) -> None:
    client.push(dossier(unit_code="H23.45.07"))
    take(runner, tmp_path, "units", f"{UNITS}H24,,,,,,\nH23.45.07,,,H24,,,\n")
    assert client.counts("H24", as_of="2023-10-31")["received"] == 1


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("H23,,,H23.45,,,", "parent_code"),
        ("H23.47,,,H99,,,", "H99"),
        ("H23.47,,,,2025-02-30,,", "valid_from"),
        ("H23.47,,,,2025-07-01,2025-06-30,", "valid_to"),
        ("H23.46,,,,,,", "dòng (row) 3"),
        ("000.00.46.H23,,,,,,", "dòng (row) 3"),
        ("H23.47,,village,,,,", "department"),
        ("h23,,,,,,", "code"),
        (",Không mã,,,,,", "code"),
        ("H23.47,,,,,,H99", "H99"),
        ("H23.47,,,,,,H23.47", "successor_codes"),
        ("H23.47,,,,,,,,,", "too many"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_written(
    runner: FlaskCliRunner, tmp_path: Path, database: Database, line: str, told: str
) -> None:
    code, output = take(runner, tmp_path, "units", f"{UNITS}H23.45,,,,,,\nH23.46,,,,,,\n{line}\n")
    assert (code, "dòng (row) 4" in output, told in output, known(database)) == (2, True, True, set())


def test_procedures_give_their_time_limits(runner: FlaskCliRunner, tmp_path: Path, client: Client) -> None:
    text = f"{PROCEDURES}1.004873,Cấp phép,G03,Đất đai,3,working_day\n"
    assert take(runner, tmp_path, "procedures", text)[0] == 0
    client.push(dossier(due_at=None))
    assert client.counts(as_of="2023-10-05")["open_overdue"] == 0
    assert client.counts(as_of="2023-10-06")["open_overdue"] == 1


@pytest.mark.parametrize(
    "line", ["1.1,,,,3,", "1.1,,,,,month", "1.1,,,,0,month", "1.1,,,,x,month", "1.1,,,,3,week", ",,,,3,month"]
)
def test_a_wrong_procedure_is_named(runner: FlaskCliRunner, tmp_path: Path, line: str) -> None:
    code, output = take(runner, tmp_path, "procedures", f"{PROCEDURES}{line}\n")
    assert (code, "dòng (row) 2" in output) == (2, True)


def test_a_decision_on_a_day_moves_the_deadlines_after_it(
    runner: FlaskCliRunner, tmp_path: Path, client: Client
) -> None:
    take(runner, tmp_path, "procedures", f"{PROCEDURES}1.004873,,,,3,working_day\n")
    assert take(runner, tmp_path, "calendar", f"{DAYS}2023-10-04,no,Quyết định nghỉ bù\n")[0] == 0
    client.push(dossier(due_at=None))
    assert client.counts(as_of="2023-10-06")["open_overdue"] == 0


LONGEST = [("code", 64), ("name", 500), ("field_code", 64), ("field_name", 300)]


@pytest.mark.parametrize(("column", "longest"), LONGEST)
def test_a_cell_of_a_procedure_has_a_longest_length(
    runner: FlaskCliRunner, tmp_path: Path, column: str, longest: int
) -> None:
    def exit_code(length: int) -> int:
        cells = {"code": "1.1", "name": "A", "field_code": "G", "field_name": "Đ", column: "A" * length}
        return take(runner, tmp_path, "procedures", f"{PROCEDURES}{','.join(cells.values())},3,month\n")[0]

    assert (exit_code(longest), exit_code(longest + 1)) == (0, 2)


@pytest.mark.parametrize("day", ["1990-01-01", "2100-12-31"])
def test_the_first_and_the_last_day_that_can_be_decided(runner: FlaskCliRunner, tmp_path: Path, day: str) -> None:
    assert take(runner, tmp_path, "calendar", f"{DAYS}{day},no,x\n")[0] == 0


WRONG_DAYS = ["2023-02-30,no,x", "2023-10-04,maybe,x", "2023-10-04,no,", ",no,x", "1989-12-31,no,x", "2101-01-01,no,x"]


@pytest.mark.parametrize("line", WRONG_DAYS)
def test_a_wrong_day_is_named(runner: FlaskCliRunner, tmp_path: Path, line: str) -> None:
    code, output = take(runner, tmp_path, "calendar", f"{DAYS}{line}\n")
    assert (code, "dòng (row) 2" in output) == (2, True)


@pytest.mark.parametrize(
    ("unit", "structure", "as_of", "received"),
    [
        ("H24.210", "historic", "2025-07-15", 1),
        ("H24.210", "current", "2025-07-15", 2),
        ("H23.45.07", "historic", "2025-07-15", 1),
        ("H23.45.07", "current", "2025-07-15", 0),
        ("H23", "historic", "2025-07-15", 2),
        ("H23", "current", "2025-07-15", 0),
        ("H24", "current", "2025-07-15", 3),
        ("H24", "current", "2025-06-30", 0),
        ("H23", "current", "2025-06-30", 2),
    ],
)
def test_the_reorganisation_of_july_2025(
    runner: FlaskCliRunner, client: Client, unit: str, structure: str, as_of: str, received: int
) -> None:
    assert runner.invoke(args=["units", "import", str(DATA / "units-reorganisation.csv")]).exit_code == 0
    june, july = {"received_at": "2025-06-10", "due_at": None}, {"received_at": "2025-07-10", "due_at": None}
    client.push(dossier("A", unit_code="H23.45.07", **june))
    client.push(dossier("A", unit_code="H24.210", **june))  # sent again under the successor
    client.push(dossier("B", unit_code="H23.45", **june))
    client.push(dossier("C", unit_code="H24.210", **july))
    assert client.counts(unit, structure=structure, as_of=as_of)["received"] == received


def test_an_import_moves_no_dossier_that_was_counted(runner: FlaskCliRunner, client: Client) -> None:
    client.push(dossier("A", unit_code="H23.45.07", received_at="2025-06-10", due_at=None))
    client.push(dossier("A", unit_code="H24.210", received_at="2025-06-10", due_at=None))  # no successor yet
    assert runner.invoke(args=["units", "import", str(DATA / "units-reorganisation.csv")]).exit_code == 0
    client.push(dossier("A", unit_code="H24.210", received_at="2025-06-11", due_at=None))
    assert client.counts("H24.210", as_of="2025-07-15")["received"] == 1


def test_an_official_decision_comes_with_the_project(client: Client) -> None:
    from service.domain.calendar.work_calendar import WorkCalendar

    assert not WorkCalendar().is_working_day(date(2026, 1, 2))
    assert WorkCalendar().is_working_day(date(2026, 1, 10))
