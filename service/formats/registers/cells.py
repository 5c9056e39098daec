"""Texts and codes in cells: as a person sees them, without invisible characters."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from service.formats.messages import told
from service.formats.tables import BadCell, Cell

_INVISIBLE = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_BLANKS = re.compile("[\\s\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_HYPHENS = re.compile("[\u2010-\u2013\u2212]")
_SCIENTIFIC = re.compile(r"[+-]?\d(?:[.,]\d+)?E[+-]?\d{1,3}", re.IGNORECASE | re.ASCII)
_SHORT_NATIONAL = re.compile(r"\d\.\d{1,5}", re.ASCII)
_NATIONAL = re.compile(r"(?<!\d)\d\.\d{6}(?!\d)", re.ASCII)
_COMMA_NATIONAL = re.compile(r"(\d)(?:,(\d{6}(?!\d).*|\d{1,5})|[.,](\d{3})[.,](\d{3}(?!\d).*))", re.ASCII)
"""1,001193 or 1,00119; and 1.001.193, which a program wrote as a number with thousands."""
_ERRORS = re.compile(
    r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|UNKNOWN!|BUSY!|GETTING_DATA|#+)",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"\s*([A-Z]\d{2}[.\d]*-\S+?|\d\.\d{6}\S*?)\s*[,;\n]\s*([A-Z]\d{2}[.\d]*-|\d\.\d{6})", re.ASCII)
_MOST_DIGITS = 10**15
_AGENCY = re.compile(r"[A-Z]\d{2}(\.[0-9A-Z]+)*|(\d+\.)+[A-Z]\d{2}", re.ASCII)
_USUAL = re.compile(r"([a-z]\d\d(?:\.[0-9a-z]+)*)\s*-\s*(\d{6})\s*-\s*(\d+)", re.ASCII | re.IGNORECASE)


class BadValue(ValueError):
    """A cell that cannot be taken; the text says why and what to do."""


class Reading(NamedTuple):
    """A cell's value for the API, "" for none, and the kind of warning about how it was read."""

    value: Any
    warning: str | None = None


def text(cell: Cell) -> str:
    """Return a cell as a person sees it: no invisible marks, every run of blanks as one; BadValue for an error."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        if cell.isascii() and cell.isprintable() and cell[:1] != "#":
            return cell.strip()
        shown = _BLANKS.sub(" ", _INVISIBLE.sub("", cell)).strip()
        if not _ERRORS.fullmatch(shown):
            return shown
        cell = BadCell(shown)
    if isinstance(cell, BadCell):
        error = told("error_in_cell", shown=cell.shown or "#N/A")
        raise BadValue(told("formula_without_value") if cell.formula else error)
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _MOST_DIGITS:
        return str(int(cell))
    return str(cell)


def shortened(cell: str, most: int) -> str:
    """Return a text as far as it is read, without invisible marks and with every run of blanks as one."""
    return _BLANKS.sub(" ", _INVISIBLE.sub("", cell)).strip()[:most]


def code(cell: Cell) -> Reading:
    """Return a code without invisible characters and unusual blanks; BadValue for one that has lost digits."""
    if isinstance(cell, str):
        if _SEVERAL.match(cell):
            raise BadValue(told("several_codes"))
        if not (cell.isascii() and cell.isprintable()):
            cell = "".join(letter for letter in cell.strip() if letter == " " or not _BLANKS.fullmatch(letter))
        written = text(cell)
        if _SCIENTIFIC.fullmatch(written):
            raise BadValue(told("lost_digits"))
        return Reading(written if written.isascii() else _HYPHENS.sub("-", written))
    if isinstance(cell, bool | date):
        raise BadValue(told("not_a_code"))
    if isinstance(cell, float | int) and (abs(cell) >= _MOST_DIGITS or "e" in repr(cell)):
        raise BadValue(told("lost_digits"))
    return Reading(text(cell))


def dossier_code(cell: Cell) -> Reading:
    """Return a dossier's code. A number cell may have lost leading zeros; `h23.45 - 231002-1` is H23.45-231002-1."""
    reading = code(cell)
    if not isinstance(cell, str) and reading.value:
        return reading._replace(warning="code_number")
    if (reading.value.isupper() and " " not in reading.value) or not (usual := _USUAL.fullmatch(reading.value)):
        return reading._replace(warning="code_with_blank") if " " in reading.value else reading
    return Reading(f"{usual[1].upper()}-{usual[2]}-{usual[3]}", "code_mended")


def procedure_code(cell: Cell) -> Reading:
    """Return a procedure's code. A number cell has lost the last zeros (1.001190 is 1.00119); a comma is a dot."""
    shown = code(cell).value
    if padded := padded_procedure_code(cell):
        return Reading(padded, "procedure_code_padded")
    if comma := _COMMA_NATIONAL.fullmatch(shown):
        shown = f"{comma[1]}.{comma[2] or comma[3] + comma[4]}"
        return Reading(shown, f"procedure_code_comma{'_short' if _SHORT_NATIONAL.fullmatch(shown) else ''}")
    inside = _NATIONAL.search(shown)
    if inside and inside.start():
        return Reading(shown, "procedure_code_inside")
    return Reading(shown, "procedure_code_short" if _SHORT_NATIONAL.fullmatch(shown) else None)


def padded_procedure_code(cell: Cell) -> str | None:
    """Return the procedure's code that a number cell stands for, with its last zeros; None if it can be none."""
    is_code = isinstance(cell, float | int) and not isinstance(cell, bool) and 0 <= cell < 10 and round(cell, 6) == cell
    return f"{cell:.6f}" if is_code else None


def unit_code(cell: Cell, with_zeros: Mapping[str, str]) -> Reading:
    """Return a unit's code: `h23. 45` is H23.45, and a number cell is the known code without its leading zeros.

    with_zeros: the known codes, by what is left of each without leading zeros.
    """
    shown = code(cell).value
    if not isinstance(cell, float | int) or not shown:
        mended = shown.replace(" ", "").replace(",", ".").strip(".").upper()
        is_mended = mended != shown and _AGENCY.fullmatch(mended) is not None
        return Reading(mended, "unit_code_mended") if is_mended else Reading(shown)
    known = with_zeros.get(shown)
    if known == shown:
        return Reading(shown)
    return Reading(known, "unit_code_padded") if known else Reading(shown, "unit_code_number")


def plain(cell: Cell) -> str:
    """Return a name in a cell; BadValue for a date or a boolean."""
    if isinstance(cell, bool | date):
        raise BadValue(told("no_text"))
    return text(cell)
