"""Procedures and days as an import leaves them: what is new, which limit counts, and which line is refused."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from models.catalogue import CatalogueVersion
from service.domain.calendar.work_calendar import OfficeHours
from service.formats.tables import FileError
from service.ingest.catalogues.days import import_calendar
from service.ingest.catalogues.lines import CatalogueFile, Imported
from service.ingest.catalogues.procedures import import_procedures
from service.reporting.procedures import procedure_rows
from service.store import catalogue
from service.store.catalogues import versions
from service.store.database import Database

HEADINGS = "code;name;field_code;field_name;limit_amount;valid_from;valid_to"
NOW = datetime(2023, 10, 2, tzinfo=UTC)


class Procedures:
    """Imports files of procedures and days, and knows the catalogue afterwards."""

    def __init__(self, database: Database, path: Path) -> None:
        self._database, self._path = database, path

    def imports(self, *lines: str) -> Imported:
        self._path.write_text("\n".join((HEADINGS, *lines)), "utf-8")
        with self._database.writing() as session:
            return import_procedures(session, CatalogueFile(self._path, 1), OfficeHours(), NOW)

    def refused(self, *lines: str) -> list[str]:
        with pytest.raises(FileError) as refused:
            self.imports(*lines)
        return str(refused.value).splitlines()

    def decides(self, *lines: str) -> Imported:
        self._path.write_text("\n".join(("date;working;reason", *lines)), "utf-8")
        with self._database.writing() as session:
            return import_calendar(session, CatalogueFile(self._path, 1), OfficeHours(), NOW)

    def known(self) -> list[tuple[object, ...]]:
        """Return code, limit, and the days between which it holds."""
        names = "code", "limit_amount", "limit_unit", "valid_from", "valid_to"
        with self._database.reading() as session:
            return [tuple(row[name] for name in names) for row in procedure_rows(session)]

    def named(self, code: str) -> tuple[str | None, ...]:
        """Return the names of a procedure, and its field."""
        with self._database.reading() as session:
            row = catalogue.find_procedure(session, code) or {}
        return tuple(row.get(name) for name in ("code", "name", "field_code", "field_name"))

    def fields(self) -> dict[str, str | None]:
        with self._database.reading() as session:
            return {row["field_code"]: row["field_name"] for row in procedure_rows(session) if row["field_code"]}

    def works_on(self, day: date) -> bool:
        with self._database.reading() as session:
            return versions.work_calendar(session, OfficeHours()).is_working_day(day)

    def version(self) -> tuple[datetime, str]:
        """Return when the newest version of the catalogue was made, and the office hours that it holds."""
        with self._database.reading() as session:
            row = session.scalars(select(CatalogueVersion).order_by(CatalogueVersion.id.desc())).first()
            assert row is not None
            return row.known_at, row.office_hours


@pytest.fixture
def procedures(database: Database, tmp_path: Path) -> Procedures:
    return Procedures(database, tmp_path / "dm.csv")


def test_a_line_gives_every_part_of_a_procedure(procedures: Procedures) -> None:
    procedures.imports("1.004873.H23;Cấp phép;G03;Đất đai;5 ngày;2023-07-01;2024-06-30")
    assert procedures.known() == [("1.004873", 5, "calendar_day", date(2023, 7, 1), date(2024, 6, 30))]
    assert procedures.named("1.004873.H23") == ("1.004873.H23", "Cấp phép", "G03", "Đất đai")
    assert procedures.fields() == {"G03": "Đất đai"}


def test_lines_are_counted_and_what_was_not_read_is_noted(procedures: Procedures) -> None:
    said = "dòng (row) 2: Thời hạn “-”: được hiểu là không có thời hạn (read as no time limit)"
    assert procedures.imports("1.000001;A;G;Đ;-;;", "1.000002;B;G;Đ;5 ngày;;") == Imported(
        2, [said], {"1.000001", "1.000002"}
    )


def test_a_version_of_the_catalogue_has_its_moment_and_the_office_hours(procedures: Procedures) -> None:
    procedures.imports("1.1;A;G;Đ;5 ngày;;")
    assert procedures.version() == (NOW, "07:00-11:30,13:30-17:00")


def test_a_procedure_has_limits_one_after_the_other(procedures: Procedures) -> None:
    procedures.imports("1.1;A;G;Đ;6 ngày;2024-01-01;", "1.1;A;G;Đ;5 ngày;;2023-12-31")
    assert procedures.known() == [
        ("1.1", 5, "calendar_day", None, date(2023, 12, 31)),
        ("1.1", 6, "calendar_day", date(2024, 1, 1), None),
    ]


@pytest.mark.parametrize("newest_first", [True, False])
def test_a_procedure_and_its_field_are_named_as_their_newest_limit_says(
    procedures: Procedures, newest_first: bool
) -> None:
    lines = ["1.1;Cũ;G;Tên cũ;5 ngày;;", "1.1;Mới;G;Tên mới;6 ngày;2024-01-01;"]
    procedures.imports(*(reversed(lines) if newest_first else lines))
    assert procedures.named("1.1") == ("1.1", "Mới", "G", "Tên mới")
    assert procedures.fields() == {"G": "Tên mới"}


def test_a_procedure_without_a_field_names_none(procedures: Procedures) -> None:
    procedures.imports("1.1;A;;;5 ngày;;", "1.2;B;;;5 ngày;;")
    assert procedures.named("1.1") == ("1.1", "A", None, None)
    assert procedures.fields() == {}


@pytest.mark.parametrize("given_first", [True, False])
def test_of_two_suffixes_the_one_that_gives_a_limit_counts(procedures: Procedures, given_first: bool) -> None:
    lines = ["1.004873.H19;A;G;Đ;5 ngày;;", "1.004873.H23;A;G;Đ;-;;"]
    if not given_first:
        lines = ["1.004873.H19;A;G;Đ;-;;", "1.004873.H23;A;G;Đ;5 ngày;;"]
    procedures.imports(*lines)
    assert procedures.known() == [("1.004873", 5, "calendar_day", None, None)]


def test_two_suffixes_may_give_one_limit(procedures: Procedures) -> None:
    procedures.imports("1.004873.H19;A;G;Đ;1 tuần;;", "1.004873.H23;A;G;Đ;7 ngày;;")
    assert procedures.known() == [("1.004873", 7, "calendar_day", None, None)]


def test_two_suffixes_may_give_two_limits_from_different_days(procedures: Procedures) -> None:
    procedures.imports("1.004873.H19;A;G;Đ;5 ngày;;", "1.004873.H23;A;G;Đ;7 ngày;2024-01-01;")
    assert [row[1] for row in procedures.known()] == [5, 7]


def test_every_line_that_contradicts_another_is_refused(procedures: Procedures) -> None:
    said = procedures.refused(
        "1.004873.H18;A;G;Đ;-;;",
        "1.004873.H19;A;G;Đ;5 ngày;;",
        "1.004873.H20;A;G;Đ;5 ngày làm việc;;",
        "1.004874;A;G;Đ;7 ngày;;",
        "1.004873.H23;A;G;Đ;7 ngày;;",
    )
    assert [line.partition(";")[0] for line in said] == [
        f"dòng (row) {row}: Ô (cell) E{row}: Thời hạn (limit_amount) “{limit}”: 1.004873 có thời hạn khác ở dòng 3"
        for row, limit in ((4, "5 ngày làm việc"), (6, "7 ngày"))
    ]


@pytest.mark.parametrize(("day", "named"), [("", "1.1"), ("2023-07-01", "1.1 2023-07-01")])
def test_one_code_twice_from_one_day_is_refused(procedures: Procedures, day: str, named: str) -> None:
    [said] = procedures.refused(f"1.1;A;G;Đ;5 ngày;{day};", f"1.1;A;G;Đ;5 ngày;{day};")
    assert said.startswith(f"dòng (row) 3: {named} đã có ở dòng (row) 2;")


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (f"{'1' * 65};A;G;Đ;-;;", f"A2: Mã TTHC (code) “{'1' * 40}”: Dài quá 64 ký tự"),
        (f"1.1;{'A' * 501};G;Đ;-;;", f"B2: Tên TTHC (name) “{'A' * 40}”: Dài quá 500 ký tự"),
        (f"1.1;A;{'A' * 65};Đ;-;;", f"C2: Mã lĩnh vực (field_code) “{'A' * 40}”: Dài quá 64 ký tự"),
        (f"1.1;A;G;{'A' * 301};-;;", f"D2: Lĩnh vực (field_name) “{'A' * 40}”: Dài quá 300 ký tự"),
    ],
)
def test_a_cell_that_is_too_long_is_named(procedures: Procedures, cells: str, said: str) -> None:
    assert procedures.refused(cells)[0].startswith(f"dòng (row) 2: Ô (cell) {said}")


# Decisions on days


def test_the_newest_decision_on_a_day_counts(procedures: Procedures) -> None:
    day = date(2023, 10, 4)
    assert procedures.decides("2023-10-04;nghỉ;Bão") == Imported(1, [])
    assert not procedures.works_on(day)
    procedures.decides("2023-10-04;làm việc;Hết bão")
    assert procedures.works_on(day)
    assert procedures.version() == (NOW, "07:00-11:30,13:30-17:00")


def test_a_day_twice_in_one_file_is_refused(procedures: Procedures) -> None:
    with pytest.raises(FileError, match=r"^dòng \(row\) 3: 2023-10-04 đã có ở dòng \(row\) 2;"):
        procedures.decides("2023-10-04;nghỉ;x", "04/10/2023;nghỉ;x")


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ("1989-12-31;no;x", "A2: Ngày (date) “1989-12-31”: Phải là ngày từ năm 1990 đến năm 2100"),
        ("2023-10-04;maybe;x", "B2: Làm việc (working) “maybe”: Ghi có hoặc không"),
        (f"2023-10-04;no;{'x' * 301}", f"C2: Lý do (reason) “{'x' * 40}”: Dài quá 300 ký tự"),
    ],
)
def test_a_wrong_decision_names_its_cell(procedures: Procedures, cells: str, said: str) -> None:
    with pytest.raises(FileError) as refused:
        procedures.decides(cells)
    assert str(refused.value).startswith(f"dòng (row) 2: Ô (cell) {said}")


def test_days_are_counted_and_what_was_not_read_of_them_is_noted(procedures: Procedures) -> None:
    note = "dòng (row) 2: tiêu đề, mục, ghi chú"
    assert procedures.decides("Mục I;;", "2023-10-04;nghỉ;x", "2023-10-05;nghỉ;x") == Imported(2, [note])
