"""Units as an import leaves them: what a file replaces, what it leaves, and which of its cells is refused."""

from datetime import date
from pathlib import Path
from threading import Thread

import pytest

from service.domain.units import Unit
from service.formats.tables import FileError
from service.ingest.catalogues.lines import CatalogueFile, Imported
from service.ingest.catalogues.units import import_units
from service.store import catalogue
from service.store.database import Database

ALL = "code;name;level;parent_code;valid_from;valid_to;successor_codes;reports"
SUCCESSORS = "code;name;successor_codes"
PARENTS = "code;name;parent_code"


class Units:
    """Imports files of units, and knows the units afterwards."""

    def __init__(self, database: Database, path: Path) -> None:
        self._database, self._path = database, path

    def imports(self, *lines: str) -> Imported:
        self._path.write_text("\n".join(lines), "utf-8")
        with self._database.writing() as session:
            return import_units(session, CatalogueFile(self._path, 1))

    def known(self) -> dict[str, Unit]:
        with self._database.reading() as session:
            return dict(catalogue.unit_tree(session).units)

    def __getitem__(self, code: str) -> Unit:
        return self.known()[code]


@pytest.fixture
def units(database: Database, tmp_path: Path) -> Units:
    return Units(database, tmp_path / "dm.csv")


# What a line says


def test_a_line_gives_every_part_of_a_unit(units: Units) -> None:
    units.imports(ALL, "H24;Mới", "H23.45;Tứ Kỳ;huyện;H24;2020-01-01;2025-06-30;H24;có")
    days = date(2020, 1, 1), date(2025, 6, 30)
    assert units["H23.45"] == Unit("H23.45", "Tứ Kỳ", "district", "H24", *days, ("H24",), reports=True)


def test_an_empty_cell_says_nothing(units: Units) -> None:
    units.imports(ALL, "H23;Tỉnh;;;;;;")
    assert units["H23"] == Unit("H23", "Tỉnh")


def test_the_parent_is_told_by_the_code_where_none_is_given(units: Units) -> None:
    units.imports(PARENTS, "H23;Tỉnh;", "H23.45;Huyện;", "H24;Khác;", "H23.46;Huyện;H24")
    assert [units[code].parent_code for code in ("H23", "H23.45", "H23.46")] == [None, "H23", "H24"]


def test_codes_are_stored_from_left_to_right(units: Units) -> None:
    units.imports(ALL, "000.00.00.H23;Tỉnh", "000.00.45.H23;Huyện;;000.00.00.H23;;;000.00.46.H23", "H23.46;Huyện 2")
    unit = units["H23.45"]
    assert (unit.parent_code, unit.successors) == ("H23", ("H23.46",))


def test_successors_keep_their_order_and_none_is_named_twice(units: Units) -> None:
    units.imports(SUCCESSORS, '"H23";Tỉnh;"H25; H24;;H25 ; "', "H24;Khác;", "H25;Khác;")
    assert units["H23"].successors == ("H25", "H24")


@pytest.mark.parametrize(
    ("written", "level"),
    [
        ("tỉnh", "province"),
        ("Thành phố", "province"),
        ("SỞ", "department"),
        ("UBND huyện", "district"),
        ("Uỷ ban nhân dân cấp xã", "commune"),
        ("ubnd cấp tỉnh", "province"),
        ("other", "other"),
        ("", None),
    ],
)
def test_a_level_is_read_with_or_without_its_office(units: Units, written: str, level: str | None) -> None:
    units.imports("code;name;level", f"H23;Tỉnh;{written}")
    assert units["H23"].level == level


def test_lines_are_counted_and_unknown_columns_noted(units: Units) -> None:
    assert units.imports("code;name;Khác", "H23.45.07;Xã;x", "H24;Tỉnh;x") == Imported(2, ["cột “Khác”"])


# What was known before


@pytest.mark.parametrize(
    ("column", "name", "value"),
    [
        ("level", "level", "district"),
        ("parent_code", "parent_code", "H24"),
        ("valid_from", "valid_from", date(2020, 1, 1)),
        ("valid_to", "valid_to", date(2025, 6, 30)),
        ("successor_codes", "successors", ("H24", "H25")),
        ("reports", "reports", True),
    ],
)
def test_a_column_that_a_file_lacks_keeps_what_is_known(units: Units, column: str, name: str, value: object) -> None:
    units.imports(ALL, "H24;A", "H25;B", 'H23.45;C;huyện;H24;2020-01-01;2025-06-30;"H24;H25";có')
    rest = [other for other in ALL.split(";") if other != column]
    units.imports(";".join(rest), "H23.45;C")
    assert getattr(units["H23.45"], name) == value


@pytest.mark.parametrize("name", ["level", "valid_from", "valid_to", "reports"])
def test_an_empty_cell_takes_away_what_was_known(units: Units, name: str) -> None:
    units.imports(ALL, "H23;Tỉnh;tỉnh;;2020-01-01;2025-06-30;;có")
    units.imports(f"code;name;{name}", "H23;Tỉnh;")
    assert getattr(units["H23"], name) is None


def test_a_name_is_replaced(units: Units) -> None:
    units.imports("code;name", "H23;Cũ")
    units.imports("code;name", "H23;Mới")
    assert units["H23"].name == "Mới"


def test_units_that_a_file_does_not_name_stay_as_they_are(units: Units) -> None:
    units.imports(ALL, "H23;Tỉnh;tỉnh;;;;;có")
    before = units["H23"]
    units.imports("code;name", "H23.45;Huyện")
    assert units["H23"] == before


def test_units_above_that_nobody_named_are_provisional(units: Units) -> None:
    units.imports("code;name", "H23.45.07;Xã")
    above = {code: unit for code, unit in units.known().items() if code != "H23.45.07"}
    assert above == {
        "H23": Unit("H23", provisional=True),
        "H23.45": Unit("H23.45", parent_code="H23", provisional=True),
    }


def test_a_provisional_unit_that_is_named_is_so_no_longer(units: Units) -> None:
    units.imports("code;name", "H23.45;Huyện")
    units.imports("code;name", "H23;Tỉnh")
    assert units["H23"] == Unit("H23", "Tỉnh")


# What is refused


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        pytest.param([PARENTS, "h23;A;"], "A2: Mã đơn vị (code) “h23”: Không phải mã đơn vị", id="code"),
        pytest.param([PARENTS, "H23;A;h1"], "C2: Mã cấp trên (parent_code) “h1”: Không phải mã đơn vị", id="parent"),
        pytest.param(
            [SUCCESSORS, "H23;A;h1"],
            "C2: Mã đơn vị kế thừa (successor_codes) “h1”: Không phải mã đơn vị",
            id="successor",
        ),
        pytest.param(
            [PARENTS, "H23;A;H99"], "C2: Mã cấp trên (parent_code) “H99”: Không có đơn vị H99", id="no-parent"
        ),
        pytest.param(
            [SUCCESSORS, "H23;A;H99"],
            "C2: Mã đơn vị kế thừa (successor_codes) “H99”: Không có đơn vị H99",
            id="no-successor",
        ),
        pytest.param(
            [PARENTS, "H23;A;H23"], "C2: Mã cấp trên (parent_code) “H23”: H23 nằm dưới chính nó", id="its-own-parent"
        ),
        pytest.param(
            [SUCCESSORS, "H23;A;H23"],
            "C2: Mã đơn vị kế thừa (successor_codes) “H23”: H23 kế thừa chính nó",
            id="its-own-successor",
        ),
        pytest.param(["code;name;level", "H23;A;thôn"], "C2: Cấp (level) “thôn”: Không hiểu cấp này", id="level"),
        pytest.param(
            [PARENTS, f"{'A' * 36};A;"], f"A2: Mã đơn vị (code) “{'A' * 36}”: Dài quá 35 ký tự", id="long-code"
        ),
        pytest.param(
            [PARENTS, f"H23;A;{'A' * 36}"],
            f"C2: Mã cấp trên (parent_code) “{'A' * 36}”: Dài quá 35 ký tự",
            id="long-parent",
        ),
        pytest.param(
            [SUCCESSORS, f"H23;A;{'A' * 2001}"],
            f"C2: Mã đơn vị kế thừa (successor_codes) “{'A' * 40}”: Dài quá 2000 ký tự",
            id="long-successors",
        ),
        pytest.param(
            [PARENTS, f"H23;{'A' * 301};"], f"B2: Tên đơn vị (name) “{'A' * 40}”: Dài quá 300 ký tự", id="long-name"
        ),
    ],
)
def test_a_refusal_names_the_cell_that_is_wrong(units: Units, lines: list[str], said: str) -> None:
    with pytest.raises(FileError) as refused:
        units.imports(*lines)
    assert str(refused.value).startswith(f"dòng (row) 2: Ô (cell) {said}")


def test_an_unknown_level_is_answered_with_the_known_ones(units: Units) -> None:
    with pytest.raises(FileError, match=r"Sở, ban, ngành \(department\), Cấp huyện \(district\), Cấp xã \(commune\)"):
        units.imports("code;name;level", "H23;A;thôn")


def test_parents_and_successors_may_stand_below_or_be_known_already(units: Units) -> None:
    units.imports("code;name", "H30;Đã có")
    units.imports(ALL, "H23;A;;H24;;;H25", "H24;B;;H30;;;H30", "H25;C")
    assert (units["H23"].parent_code, units["H24"].successors) == ("H24", ("H30",))


def test_every_unit_of_a_circle_of_parents_is_refused(units: Units) -> None:
    with pytest.raises(FileError) as refused:
        units.imports(PARENTS, "H23;A;H24", "H24;B;H25", "H25;C;H23", "H26;D;H23")
    assert [line.partition(":")[0] for line in str(refused.value).splitlines()] == [
        f"dòng (row) {row}" for row in (2, 3, 4)
    ]


def test_a_circle_through_units_that_are_known_is_refused(units: Units) -> None:
    units.imports(SUCCESSORS, "H23;A;H24", "H24;B;")
    with pytest.raises(FileError, match=r"dòng \(row\) 2: .*H24 kế thừa chính nó"):
        units.imports(SUCCESSORS, "H24;B;H23")


def test_two_ways_to_one_successor_are_no_circle(units: Units) -> None:
    units.imports(SUCCESSORS, '"H23";A;"H24;H25"', "H24;B;H26", "H25;C;H26", "H26;D;")
    assert units["H23"].successors == ("H24", "H25")


def test_a_unit_above_a_circle_is_not_in_it(units: Units) -> None:
    with pytest.raises(FileError) as refused:
        units.imports(SUCCESSORS, "H23;A;H24", "H24;B;H25", "H25;C;H24")
    assert len(str(refused.value).splitlines()) == 2


def test_one_code_in_both_styles_is_one_unit_twice(units: Units) -> None:
    with pytest.raises(FileError) as refused:
        units.imports("code;name", "H23.45;A", "000.00.45.H23;B")
    assert str(refused.value).startswith("dòng (row) 3: H23.45 đã có ở dòng (row) 2")


def test_two_imports_at_once_put_no_two_units_below_each_other(database: Database, tmp_path: Path) -> None:
    """On PostgreSQL both were committed, and the next question about one of them never ended."""
    Units(database, tmp_path / "dm.csv").imports(PARENTS, "H23;Tỉnh;", "H23.45;Huyện;H23", "H23.46;Huyện;H23")
    beside, refused = Units(database, tmp_path / "beside.csv"), list[Exception]()

    def import_beside() -> None:
        try:
            beside.imports(PARENTS, "H23.46;Huyện;H23.45")
        except FileError as error:
            refused.append(error)

    (tmp_path / "first.csv").write_text(f"{PARENTS}\nH23.45;Huyện;H23.46", "utf-8")
    other = Thread(target=import_beside)
    with database.writing() as session:
        import_units(session, CatalogueFile(tmp_path / "first.csv", 1))
        other.start()
        other.join(0.3)
        assert other.is_alive()
    other.join(20)
    assert len(refused) == 1
