"""Cells of a workbook that calamine reads as empty, although they are not: errors, and formulas never calculated."""

import re
import sys
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any
from xml.etree import ElementTree

import xlrd
from xlrd.compdoc import CompDocError
from xlsxwriter.utility import xl_cell_to_rowcol

from service.formats.tables import MAX_COLUMNS

_PIECE = 4 * 1024 * 1024
_SUSPECT = (b'"e"', b"'e'", b"<f", b":f")
"""The XML of a cell with an error (type e) or a formula holds one of these, whatever the prefix of its elements."""
_CELL = re.compile(
    rb"""<(?:\w+:)?c\b(?P<attributes>[^<>]*[^<>/])>\s*
    (?:<(?:\w+:)?f\b[^<>]*?(?P<formula>/>|>[^<]*</(?:\w+:)?f>)\s*)?
    (?:<(?:\w+:)?v\b[^<>]*?(?:/>|>(?P<value>[^<]*)</(?:\w+:)?v>))?""",
    re.VERBOSE,
)
_REFERENCE = re.compile(rb"""\br=["']([A-Z]{1,3}\d{1,7})["']""")
_ERROR_TYPE, _TEXT_TYPE = (re.compile(rb"""\bt=["']%s["']""" % kind) for kind in (b"e", b"str"))
UNREADABLE = (zipfile.BadZipFile, ElementTree.ParseError, KeyError, xlrd.XLRDError, CompDocError)
"""The exceptions that a broken file raises."""
Bad = dict[str, Any]
BadCells = dict[int, dict[int, Bad]]
"""By row from 1, by column from 0."""


def bad_cells_of(path: str) -> Callable[[str], BadCells]:
    """Return a function that gives the bad cells of a sheet by its name."""
    if zipfile.is_zipfile(path):
        parts = _sheet_parts(path)
        return lambda name: _in_xml(path, parts.get(name))
    book = xlrd.open_workbook(path, sys.stderr, on_demand=True, ragged_rows=True)
    return lambda name: _in_excel_97(book.sheet_by_name(name))


def _in_excel_97(sheet: Any) -> BadCells:
    """Return the errors of a sheet of Excel 97; there formulas always have a value."""
    bad: BadCells = defaultdict(dict)
    for row in range(sheet.nrows):
        for column, kind in enumerate(sheet.row_types(row, 0, MAX_COLUMNS)):
            if kind == xlrd.XL_CELL_ERROR:
                shown = xlrd.error_text_from_code.get(sheet.cell_value(row, column), "")
                bad[row + 1][column] = {"bad": shown, "formula": False}
    return bad


def _sheet_parts(path: str) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        if "xl/workbook.xml" not in names:
            return {}
        links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 - limited by the parent
        targets = {link.get("Id"): link.get("Target", "") for link in links}
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314
    parts_by_name = {}
    for element in book.iter():
        link = next((value for key, value in element.attrib.items() if key.endswith("}id")), None)
        if element.tag.endswith("}sheet") and link in targets:
            target = targets[link]
            parts_by_name[element.get("name", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return {name: part for name, part in parts_by_name.items() if part in names}


def _in_xml(path: str, part: str | None) -> BadCells:
    """Look through the XML of a sheet, piece by piece, for errors and formulas without a value."""
    bad: BadCells = defaultdict(dict)
    for rows in _suspect_rows(path, part) if part else ():
        for cell in _CELL.finditer(rows):
            attributes, formula, value = cell["attributes"], cell["formula"], cell["value"]
            error = _ERROR_TYPE.search(attributes) is not None
            missing = formula is not None and not value and not _TEXT_TYPE.search(attributes)
            if not (error or missing):
                continue
            reference = _REFERENCE.search(attributes)
            if reference is None:
                raise KeyError("a cell without its place")
            row, column = xl_cell_to_rowcol(reference[1].decode())
            if column < MAX_COLUMNS:
                shown = (value or b"").decode(errors="replace")[:20]
                bad[row + 1][column] = {"bad": shown, "formula": not error}
    return bad


def _suspect_rows(path: str, part: str) -> Iterator[bytes]:
    """Yield a sheet's XML in pieces of whole rows, some megabytes each, but only pieces that may hold a bad cell."""
    rest = b""
    with zipfile.ZipFile(path) as archive, archive.open(part) as file:
        while piece := file.read(_PIECE):
            rows, end, rest = (rest + piece).rpartition(b"row>")
            if any(sign in rows for sign in _SUSPECT):
                yield rows + end
    yield rest
