"""A row of a register as news for ingest: its cells are translated, then checked by the API's own schema."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

import orjson

from service.domain.dossier.events import DossierEvent, Rejection
from service.domain.dossier.status_words import UNKNOWN_CHANNEL, UNKNOWN_STATUS, StatusWords
from service.domain.units import prefix_of_dossier_code
from service.formats.registers import cells as read
from service.formats.registers.cells import BadValue, Code
from service.formats.registers.heading_rows import Columns
from service.formats.registers.headings import titled
from service.formats.registers.moments import NOT_A_TIME, MonthFirst, moment
from service.formats.tables import BadCell, Cell, FileError, TableRow, column_letters, place
from service.schemas.dossier_input import printable_code, read_record
from service.schemas.fields import NOT_MOMENT

_TIMES = ("submitted_at", "received_at", "due_at", "finished_at", "returned_at", "changed_at")
_NAMES = ("unit_name", "procedure_name", "field_name", "due_precision")
_PAUSE = (("from", "pause_from"), ("to", "pause_to"))
_LOST = ("?", "\ufffd")
LETTERS_LOST = (
    "Chữ có dấu đã mất thành dấu ?; xuất lại bằng UTF-8 hoặc sửa tên (marked letters were lost to ?; export again as"
    " UTF-8, or mend the name)"
)
MORE_CELLS = (
    "Dòng có nhiều ô hơn tiêu đề: ô {where} không có tiêu đề; có thể thừa dấu phân cách trong một ô, hãy đặt ô đó trong"
    " ngoặc kép, hoặc xóa ô thừa (more cells than headings; perhaps a separator inside a cell)"
)


class FileRow(NamedTuple):
    """One row of a file: where it stands as the clerk sees it, what the service knows of it, and what it means.

    shown: the cells of the known columns only; whatever else stands in the row is dropped here.
    warnings: kinds of what was mended or doubted while reading.
    """

    number: int
    shown: Mapping[str, str]
    news: DossierEvent | Rejection
    sheet: str | None = None
    warnings: tuple[str, ...] = ()


class RowReader:
    """Reads the rows under one row of headings."""

    def __init__(self, columns: Columns, words: StatusWords, units: Mapping[str, str], sheet: str | None) -> None:
        """Take the columns, the words for statuses, and known units by their codes without leading zeros."""
        self._columns = columns
        self._words = words
        self._sheet = sheet
        self._codes: dict[str, Callable[[Cell], Code]] = {
            "code": read.code,
            "unit_code": lambda cell: read.unit_code(cell, units),
            "procedure_code": read.procedure_code,
            "field_code": read.code,
        }
        self._derives_status = "status" not in columns.fields

    def read(self, row: TableRow) -> FileRow:
        """Translate one row; FileError when a date shows that the column is written month first."""
        given = self._columns.fields
        cells = row.cells
        raw = {name: cells[at] if at < len(cells) else None for name, at in given.items()}
        api: dict[str, Any] = {}
        errors: dict[str, list[str]] = {}
        warnings: list[str] = []
        for name, cell in raw.items():
            if cell is None or cell == "":
                continue
            try:
                self._take(name, cell, api, warnings)
            except MonthFirst:
                raise self._month_first(name, str(cell), row.number) from None
            except BadValue as error:
                errors[titled(name)] = [f"Ô (cell) {column_letters(given[name])}{row.number}: {error}"]
        self._together(api)
        beyond = next(
            (at for at, cell in enumerate(cells) if at >= self._columns.width and cell not in (None, "")), None
        )
        if beyond is not None:
            errors["dòng (row)"] = [MORE_CELLS.format(where=f"{column_letters(beyond)}{row.number}")]
        news = _checked(api, errors)
        return FileRow(
            row.number, {name: _shown(cell) for name, cell in raw.items()}, news, self._sheet, tuple(warnings)
        )

    def _take(self, name: str, cell: Cell, api: dict[str, Any], warnings: list[str]) -> None:
        if name in self._codes:
            found = self._codes[name](cell)
            if found.text:
                api[name] = found.text
            if found.warning:
                warnings.append(found.warning)
        elif name in _NAMES:
            if text := read.plain(cell):
                _refuse_lost(text)
                api[name] = text
        elif name == "status":
            if text := read.text(cell):
                api[name] = self._words.status(text)
        elif name == "channel":
            if text := read.text(cell):
                api[name] = self._words.channel(text)
        elif name == "pauses":
            if text := read.text(cell):
                api[name] = _listed(text)
        elif found_moment := _moment(cell):
            api[name] = found_moment

    def _together(self, api: dict[str, Any]) -> None:
        """Say what several columns say together: the newest due date, a pause, the unit, the status."""
        if new_due := api.pop("new_due_at", None):
            api["due_at"] = new_due
        pause = {key: api.pop(name) for key, name in _PAUSE if name in api}
        if "from" in pause and "pauses" not in api:
            api["pauses"] = [pause]
        if "unit_code" not in api and (unit := prefix_of_dossier_code(api.get("code", ""))):
            api["unit_code"] = unit
        if self._derives_status:
            api["status"] = _status_of_dates(api)

    def _month_first(self, name: str, shown: str, number: int) -> FileError:
        at = self._columns.fields[name]
        return FileError(
            f"{place(self._sheet, number)}: cột {column_letters(at)} “{titled(name)}” có ngày “{shown[:20]}” chỉ đúng"
            " khi tháng"
            " đứng trước; tệp ghi tháng/ngày/năm nên các ngày khác cũng có thể bị hiểu sai. Không có gì được lưu. Đổi"
            " cột"
            " sang dd/MM/yyyy (hoặc yyyy-MM-dd) rồi nhập lại (a date that is valid month first only: nothing is stored;"
            " write the column day first)"
        )


def _moment(cell: Cell) -> str:
    if not isinstance(cell, date):
        cell = read.text(cell)
        return moment(cell) if cell else ""
    return moment(cell)


def _status_of_dates(api: Mapping[str, Any]) -> str:
    """Return the status that the dates of a row tell, where the file has no column for it."""
    if api.get("returned_at"):
        return "returned"
    if api.get("finished_at"):
        return "resolved"
    if not api.get("received_at") and api.get("submitted_at"):
        return "submitted"
    pauses = api.get("pauses")
    is_open = isinstance(pauses, list) and bool(pauses) and isinstance(pauses[-1], dict) and not pauses[-1].get("to")
    return "awaiting_supplement" if is_open else "processing"


def _listed(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def _refuse_lost(text: str) -> None:
    """Refuse a name whose letters have become question marks: one inside a word, or the broken character."""
    if "\ufffd" in text or any(
        a.isalpha() and b == "?" and c.isalpha() for a, b, c in zip(text, text[1:], text[2:], strict=False)
    ):
        raise BadValue(LETTERS_LOST)


def _checked(api: dict[str, Any], errors: dict[str, list[str]]) -> DossierEvent | Rejection:
    news = read_record(api)
    if isinstance(news, Rejection):
        told = _in_headings(news.errors)
        return Rejection(news.code, {**told, **errors} if errors else told)
    return Rejection(printable_code(api), errors) if errors else news


def _in_headings(errors: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Return errors under the headings that a clerk knows, with the forms that a file may have."""
    ends = {"pauses.0.from": "pause_from", "pauses.0.to": "pause_to"}
    words = {"status": UNKNOWN_STATUS, "channel": UNKNOWN_CHANNEL}
    return {
        titled(ends.get(path, path)): [_in_words(message, words.get(path)) for message in messages]
        for path, messages in errors.items()
    }


def _in_words(message: str, accepted: str | None) -> str:
    if message == NOT_MOMENT:
        return NOT_A_TIME
    return accepted if accepted and "use one of" in message else message


def _shown(cell: Cell) -> str:
    if isinstance(cell, BadCell):
        return "" if cell.formula else cell.shown
    if cell is None or isinstance(cell, str):
        return (cell or "").strip()
    return read.text(cell)
