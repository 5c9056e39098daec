"""Rows of a register as events: the cells are translated, then validated by the API's own schema."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache, partial
from typing import Any, NamedTuple

import orjson
from xlsxwriter.utility import xl_col_to_name

from service.domain.dossier.data_warnings import DataWarning, reading_warning
from service.domain.dossier.events import DossierEvent, Rejection
from service.domain.dossier.status_words import ACCEPTED, outcome_said
from service.domain.dossier.statuses import PAUSED
from service.domain.procedures import national_procedure_code
from service.domain.units import ancestors_by_prefix as above
from service.domain.units import normalise, prefix_of_dossier_code
from service.formats.encodings import old_letters_of
from service.formats.messages import told
from service.formats.registers import cells as read
from service.formats.registers.cells import BadValue, Reading
from service.formats.registers.heading_rows import Columns
from service.formats.registers.heading_words import MOMENT_FIELDS
from service.formats.registers.headings import meaning, titled
from service.formats.registers.moments import DateColumn, MonthFirst
from service.formats.registers.repeating import is_like_a_code, repeated
from service.formats.registers.understanding import Understanding
from service.formats.tables import BadCell, Cell, FileError, TableRow, place
from service.schemas.dossier_input import MAX_PAUSES, printable_code, read_record
from service.schemas.fields import MAX_READ, NOT_MOMENT
from service.schemas.unknown_fields import News

_NAMES = ("unit_name", "procedure_name", "field_name", "due_precision")
_PAUSE = (("from", "pause_from"), ("to", "pause_to"))
_PAUSED = frozenset(name for status in PAUSED for name in (str(int(status)), status.api_name))
_ENDS = {"pauses.0.from": "pause_from", "pauses.0.to": "pause_to"}
_REMEMBERED, _MOST_PAUSES = 300, MAX_PAUSES * 100
"""How long a cell may be whose reading is remembered (thousands are), and how much of a cell with pauses is read."""
_SHOWN = 40
"""How much of a cell a message repeats."""
_EMPTY = {"status": "status_empty", "unit_code": "no_unit", "procedure_code": "no_procedure"}
"""The message about an empty cell that must not be empty, by field."""
_UNSURE = re.compile("chưa (trả|nhận|lấy|giao)", re.IGNORECASE)
_DAY = re.compile(r"\b\d\d?[/.-]\d\d?[/.-]\d{4}\b", re.ASCII)
_LOST = re.compile("\\?(?=[^\\W\\d_])|\ufffd")
"""A question mark right before a letter stands for a letter that was lost; it ends no question."""


class FileRow(NamedTuple):
    """One row of a file: its number as the clerk sees it, its cells, and the event or rejection that it makes.

    cells: of the known columns only; other cells are dropped here. warnings: about what was mended or doubted while
    reading. tells_state: whether a column holds the status or an end.
    """

    number: int
    cells: Mapping[str, Cell]
    news: News
    sheet: str | None = None
    warnings: tuple[DataWarning, ...] = ()
    tells_state: bool = True

    @property
    def shown(self) -> dict[str, str]:
        """Return the cells as the clerk wrote them; a procedure's code gets back the zeros that a number cell lost."""
        return {name: _shown(name, cell) for name, cell in self.cells.items()}


class RowReader:
    """Reads the rows under one row of headings; how each column is read is decided once."""

    def __init__(self, columns: Columns, known: Understanding, sheet: str | None) -> None:
        self._own_headings = columns.own_headings
        self._width = columns.width
        self._sheet = sheet
        self._known = known
        self._dates = {name: DateColumn(name) for name in MOMENT_FIELDS if name in columns.fields}
        readers: dict[str, Callable[[Cell], Reading]] = {
            "code": read.dossier_code,
            "unit_code": partial(read.unit_code, with_zeros=known.units),
            "procedure_code": read.procedure_code,
            "field_code": read.code,
            "status": partial(_in_words, known.words.status, ACCEPTED["status"]),
            "channel": partial(_in_words, known.words.channel, ACCEPTED["channel"]),
            "pauses": _pauses,
            **dict.fromkeys(_NAMES, _name),
            **{name: column.read for name, column in self._dates.items()},
        }
        remember = lru_cache(4096, typed=True)  # registers repeat a few hundred names, and the days of a year
        self._columns = [
            (name, at, readers[name], readers[name] if name == "code" else remember(readers[name]))
            for name, at in columns.fields.items()
        ]
        self._at = columns.fields
        self._derives_status = "status" not in columns.fields
        self._has_unit = "unit_code" in columns.fields
        headed = {*columns.fields.values(), *columns.unread}
        self._without_heading = {*range(columns.width)} - headed
        self.filled_without_heading: set[int] = set()
        self._tells_state = bool({"status", "finished_at", "returned_at"} & columns.fields.keys())
        unread = {} if self._tells_state else columns.unread
        self._unknown = {at: text for at, text in unread.items() if meaning(text, known.headings) is None}
        self._unread_days: dict[int, str] = {}

    def read(self, row: TableRow) -> FileRow:
        """Translate one row; FileError when a date shows that the column is written month first."""
        number, cells, merged = row
        length = len(cells)
        kept: dict[str, Cell] = {}
        api: dict[str, Any] = {}
        errors: dict[str, list[str]] = {}
        warnings: list[DataWarning] = []
        for name, at, reader, remembering in self._columns:
            cell = cells[at] if at < length else None
            is_long = isinstance(cell, str) and len(cell) > _REMEMBERED
            if isinstance(cell, str) and len(cell) > MAX_READ:
                cell = read.shortened(cell, _MOST_PAUSES if name == "pauses" else MAX_READ)
            kept[name] = cell
            if cell is None or cell == "":
                continue
            try:
                value, warning = (reader if is_long else remembering)(cell)
            except MonthFirst:
                where, column = place(self._sheet, number), f"{xl_col_to_name(at)} “{titled(name)}”"
                raise FileError(told("month_first", where=where, column=column, shown=str(cell)[:20])) from None
            except BadValue as error:
                errors[titled(name)] = [self._placed(name, cell, number, str(error))]
                continue
            if value:
                api[name] = value
            if warning:
                warnings.append(reading_warning(warning))
        if api.get("new_due_at") and api.get("due_at", api["new_due_at"]) != api["new_due_at"]:
            warnings.append(reading_warning("due_replaced"))
        if "pause_to" in api and not api.keys() & {"pause_from", "pauses"}:
            warnings.append(reading_warning("pause_end_alone"))
        for name in (name for name, at in self._at.items() if at in merged) if merged else ():
            warnings.append(reading_warning("merged_cell", titled(name))._replace(field=name))
        self._together(api)
        warnings += _doubts(api, kept, self._known)
        if self._without_heading or self._unknown:
            self._note_unread(cells)
        beyond = next((at for at in range(self._width, length) if cells[at] not in (None, "")), None)
        if beyond is not None:
            errors["dòng (row)"] = [told("more_cells", where=f"{xl_col_to_name(beyond)}{number}")]
        news, distinct = self._checked(api, errors, kept, number), tuple(dict.fromkeys(warnings))
        return FileRow(number, kept, news, self._sheet, distinct, self._tells_state)

    def _note_unread(self, cells: Sequence[Cell]) -> None:
        """Note columns without a heading that have values, and unknown ones with days, which may hold the end."""
        filled = {at for at, cell in enumerate(cells) if cell not in (None, "")}
        self.filled_without_heading |= filled & self._without_heading
        for at in filled & self._unknown.keys():
            if isinstance(cells[at], date) or _DAY.search(str(cells[at])):
                self._unread_days[at] = self._unknown[at]

    def notes(self) -> Iterator[str]:
        """Yield the notes about columns; to be called after the last row."""
        for at, heading in self._unread_days.items():
            yield told("days_unread", where=place(self._sheet), column=xl_col_to_name(at), heading=heading)
        for name, column in self._dates.items():
            if shown := column.swapped:
                column_name = f"{xl_col_to_name(self._at[name])} “{titled(name)}”"
                yield told("days_swapped", where=place(self._sheet), column=column_name, shown=shown)

    def _checked(
        self, api: dict[str, Any], errors: dict[str, list[str]], cells: Mapping[str, Cell], number: int
    ) -> DossierEvent | Rejection:
        """Validate by the API's schema; without a column of units, a missing unit is an error of the code."""
        news = read_record(api)
        problems: dict[str, list[str]] = {}
        for path, messages in news.errors.items() if isinstance(news, Rejection) else ():
            name = _ENDS.get(path, path)
            problems[titled(name)] = [self._placed(name, cells.get(name), number, message) for message in messages]
        if not self._has_unit and problems.pop(titled("unit_code"), []) and not {*problems, *errors} & {titled("code")}:
            problems[titled("code")] = [self._placed("code", cells["code"], number, told("no_unit_in_code"))]
        if not (problems or errors):
            return news
        return Rejection(printable_code(api) if is_like_a_code(api.get("code", "")) else None, {**problems, **errors})

    def _placed(self, name: str, cell: Cell, number: int, message: str) -> str:
        """Return a message with its cell and, as far as it may be repeated, what stands in it."""
        is_empty = cell in (None, "")
        if is_empty and name in _EMPTY:
            message = told(_EMPTY[name], words=ACCEPTED["status"])
        message = told("not_a_time") if message == NOT_MOMENT else message
        if name in ACCEPTED and ACCEPTED[name] in message:
            message = told("words_above") if name in self._known.explained else message
            self._known.explained.add(name)
        if name not in self._at:
            return message
        shown = _shown(name, cell).encode("utf-8", "replace").decode()
        shown = repeated(name, shown) if shown and not isinstance(cell, date) else shown
        value = f" “{shown[:_SHOWN]}{'…' * (len(shown) > _SHOWN)}”" if shown else " trống (empty)" * is_empty
        heading = f" (cột “{self._own_headings[name]}”)" if name in self._own_headings else ""
        return f"Ô (cell) {xl_col_to_name(self._at[name])}{number}{heading}{value}: {message}"

    def _together(self, api: dict[str, Any]) -> None:
        """Set what follows from several columns: the newest due date, a pause, the unit, the status."""
        if new_due := api.pop("new_due_at", None):
            api["due_at"] = new_due
        pause = {key: api.pop(name) for key, name in _PAUSE if name in api}
        if "from" in pause and "pauses" not in api:
            api["pauses"] = [pause]
        if "unit_code" not in api and (unit := prefix_of_dossier_code(api.get("code", ""))):
            api["unit_code"] = unit
        if self._derives_status:
            api["status"] = _status_of_dates(api)


def _doubts(api: Mapping[str, Any], cells: Mapping[str, Cell], known: Understanding) -> Iterator[DataWarning]:
    status, procedure, unit = api.get("status"), api.get("procedure_code", ""), api.get("unit_code", "")
    if status in _PAUSED and not api.keys() & {"pauses", "changed_at"}:
        yield reading_warning("pause_undated")
    if unknown := known.procedures.doubt(national_procedure_code(procedure)):
        yield reading_warning("procedure_unknown", unknown)
    if " " in procedure and not any(map(str.isdigit, procedure)):
        yield reading_warning("procedure_named")
    written = prefix_of_dossier_code(api.get("code", "")) if cells.get("unit_code") else None
    told_unit = normalise(unit)
    if written and written != told_unit and not {written, told_unit} & {*above(written), *above(told_unit)}:
        yield reading_warning("unit_differs", written)
    if unknown := known.agencies.doubt(told_unit):
        yield reading_warning("unit_unknown", unknown)
    finished, returned, due = (api.get(name) for name in ("finished_at", "returned_at", "due_at"))
    if finished and returned and returned[:10] < finished[:10]:
        yield reading_warning("returned_before_finished")
    end = finished or returned
    denied = "in_time" if end and due and end[:10] > due[:10] else "late"
    if end and due and "due_precision" not in api and outcome_said(cells.get("status")) == denied:
        yield reading_warning("outcome_contradicted")


def _in_words(code_of: Callable[[str], str | None], accepted: str, cell: Cell) -> Reading:
    words = read.text(cell)
    code = code_of(words) if words else ""
    if code is None and not words.isascii() and (letters := old_letters_of(words)):
        raise BadValue(told("old_letters_in_name", letters=letters))
    if code is None:
        reason = "not_yet_returned" if _UNSURE.match(words) else "a_date" if words.count("/") == 2 else "unknown_word"
        raise BadValue(told(reason, words=accepted))
    return Reading(code)


def _pauses(cell: Cell) -> Reading:
    """Read pauses written as JSON; what is no JSON stays as it is, and the schema refuses it."""
    words = read.text(cell)
    try:
        return Reading(orjson.loads(words) if words else "")
    except orjson.JSONDecodeError:
        return Reading(words)


def _name(cell: Cell) -> Reading:
    """Read a name; BadValue when its letters are from before Unicode, or have become question marks."""
    name = read.plain(cell)
    if not name.isascii() and (letters := old_letters_of(name)):
        raise BadValue(told("old_letters_in_name", letters=letters))
    if _LOST.search(name):
        raise BadValue(told("letters_lost_in_name"))
    return Reading(name)


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


def _shown(name: str, cell: Cell) -> str:
    if isinstance(cell, BadCell):
        return "" if cell.formula else cell.shown
    if cell is None or isinstance(cell, str):
        return (cell or "").strip()
    if isinstance(cell, date):
        has_clock = isinstance(cell, datetime) and bool(cell.hour or cell.minute or cell.second)
        return cell.strftime("%d/%m/%Y %H:%M:%S" if has_clock else "%d/%m/%Y")
    if isinstance(cell, bool):
        return str(cell).upper()
    padded = read.padded_procedure_code(cell) if name == "procedure_code" else None
    return padded or read.text(cell)
