"""A file as news for ingest: each row or object is translated, then checked by the API's own schema."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from service.domain.dossier.events import DossierEvent, Rejection
from service.domain.units import prefix_of_dossier_code
from service.formats import cells, csv_files, json_records, workbook
from service.formats.cells import NOT_A_TIME, Cell
from service.formats.headings import FIELDS, TITLE_ROWS, FileError, columns, is_heading_row, missing, titled
from service.formats.json_records import MEGABYTE, NOT_JSON, BadLine, JsonLimits
from service.formats.national import to_record
from service.schemas.dossier_input import read_record
from service.schemas.fields import NOT_MOMENT

KINDS = (".csv", ".xlsx", ".ndjson", ".json")
_PIECE = 64 * 1024
_TIMES = ("submitted_at", "received_at", "due_at", "finished_at", "returned_at", "changed_at")

_PLAIN = (
    "code", "unit_code", "unit_name", "procedure_code", "procedure_name", "field_code", "field_name", "due_precision",
)  # fmt: skip


class Row(NamedTuple):
    """One row of a file: its number as the clerk sees it, what the service knows of it, and what it means.

    shown: the cells of the known columns only; whatever else stands in the row is dropped here.
    """

    number: int
    shown: Mapping[str, str]
    news: DossierEvent | Rejection


def read_file(path: Path, kind: str, unpacked_mb: int, limits: JsonLimits) -> Iterator[Row]:
    """Yield the rows of a file of this kind (its extension); FileError when it cannot be taken at all.

    unpacked_mb: what a workbook may unpack to. limits: of a JSON file, which is read whole.
    """
    if kind == ".xlsx":
        return _from_table(workbook.rows(path, unpacked_mb * MEGABYTE))
    if kind == ".csv":
        return _from_table(csv_files.rows(path))
    if kind == ".ndjson":
        return _from_objects(json_records.read_lines(_pieces(path)))
    if kind == ".json":
        return _from_objects(_array(path, limits))
    raise FileError(f"Chỉ nhận {', '.join(KINDS)} (only these kinds of files are taken)")


def _from_table(table: Iterable[list[Any]]) -> Iterator[Row]:
    found: dict[str, int] | None = None
    best: dict[str, int] = {}
    for number, row in enumerate(table, start=1):
        if found is None:
            candidate = columns(row)
            best = max(best, candidate, key=len)
            if is_heading_row(candidate):
                found = candidate
            elif number >= TITLE_ROWS:
                break
        elif any(cell not in (None, "") for cell in row):
            yield _from_row(number, {name: row[at] if at < len(row) else None for name, at in found.items()})
    if found is None:
        raise missing(best)


def _from_row(number: int, given: Mapping[str, Cell]) -> Row:
    api: dict[str, Any] = {name: value for name in _PLAIN if (value := cells.text(given.get(name)))}
    for name, read in (("status", cells.status), ("channel", cells.channel)):
        if cells.text(given.get(name)):
            api[name] = read(given[name])
    api.update({name: cells.moment(given[name]) for name in _TIMES if cells.text(given.get(name))})
    if cells.text(given.get("new_due_at")):
        api["due_at"] = cells.moment(given["new_due_at"])
    if pauses := _pauses(given):
        api["pauses"] = pauses
    if "unit_code" not in api and (unit := prefix_of_dossier_code(api.get("code", ""))):
        api["unit_code"] = unit
    news = read_record(api)
    if isinstance(news, Rejection):
        news = Rejection(news.code, _in_headings(news.errors))
    return Row(number, {name: cells.text(cell) for name, cell in given.items()}, news)


def _pauses(given: Mapping[str, Cell]) -> Any:
    """Return the pause of a row's own columns, or the list that the API's column holds as JSON."""
    if listed := cells.text(given.get("pauses")):
        try:
            return orjson.loads(listed)
        except orjson.JSONDecodeError:
            return listed
    if not cells.text(given.get("pause_from")):
        return None
    names = (("from", "pause_from"), ("to", "pause_to"))
    return [{key: cells.moment(given[name]) for key, name in names if cells.text(given.get(name))}]


def _in_headings(errors: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Return errors under the headings that a clerk knows, with the forms of dates that a file may have."""
    ends = {"pauses.0.from": "pause_from", "pauses.0.to": "pause_to"}
    return {
        titled(ends.get(path, path)): [NOT_A_TIME if message == NOT_MOMENT else message for message in messages]
        for path, messages in errors.items()
    }


def _from_objects(items: Iterable[Any]) -> Iterator[Row]:
    """Read objects in the API's names, or HoSo of the national format."""
    for number, item in enumerate(items, start=1):
        if item is BadLine:
            yield Row(number, {}, Rejection(None, {"record": [NOT_JSON]}))
            continue
        news = to_record(item) if isinstance(item, dict) and "MaHoSo" in item else read_record(item)
        yield Row(number, _of_object(item) if isinstance(item, dict) else {}, news)


def _of_object(item: Mapping[str, Any]) -> dict[str, str]:
    """Return what an object says of each field, under whichever of its names."""
    values = list(item.values())
    known = columns(list(item))
    return {name: _shown(values[known[name]]) if name in known else "" for name in FIELDS if name != "pauses"}


def _shown(value: Any) -> str:
    return cells.text(value) if isinstance(value, str | int | float | None) else ""


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _array(path: Path, limits: JsonLimits) -> list[Any]:
    content = json_records.read_whole(_pieces(path), limits)
    if isinstance(content, dict):
        content = content.get("data")
    if not isinstance(content, list):
        raise FileError("Tệp .json phải là một mảng, hoặc có mảng data (must be an array, or hold an array `data`)")
    return content
