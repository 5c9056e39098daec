"""Import units: each replaces what was known under its code. Parents and successors must be known, or in the file."""

import re
from collections.abc import Callable, Iterable, Mapping

from sqlalchemy.orm import Session

from service.domain.units import LEVELS, Unit, ancestors_by_prefix, is_code, normalise, parent_by_prefix
from service.domain.vietnamese_text import search_key
from service.ingest.catalogues.lines import WORDS, CatalogueFile, CatalogueLine, Imported, make_each, period, refuse
from service.store import catalogue
from service.store.catalogues.versions import wait_for_other_imports

_LEVEL_WORDS = {
    search_key(word): level for level, names in LEVELS.items() for word in (level, *names, *WORDS["levels"][level])
}
_OFFICE = re.compile(r"^(ubnd|uy ban nhan dan) (cap )?")

_KEPT = ("level", "parent_code", "valid_from", "valid_to", "reports")
_FIELDS = {name: name for name in _KEPT} | {"successor_codes": "successors"}
"""The columns that a file may leave out, and what a unit calls them."""


def import_units(session: Session, file: CatalogueFile) -> Imported:
    """Replace or add the units of a file; a column that the file does not have leaves what is known."""
    lines, unread = file.lines("units")
    wait_for_other_imports(session)  # two together could put two units below each other
    known = catalogue.unit_tree(session).units
    units = make_each(lines, lambda line: _unit(line, known), lambda unit: unit.code)
    after = {**known, **{unit.code: unit for _, unit in units}}
    missing = {above for _, unit in units for above in ancestors_by_prefix(unit.code)} - after.keys()
    after |= {code: Unit(code, parent_code=parent_by_prefix(code), provisional=True) for code in missing}
    refuse([error for line, unit in units for error in _misplaced(line, unit, after)])
    imported = {unit.code for _, unit in units}
    catalogue.put_units(session, (after[code] for code in imported | missing))
    return Imported(len(units), unread)


def _unit(line: CatalogueLine, known: Mapping[str, Unit]) -> Unit:
    first, last = period(line)
    level = _level(line)
    code = _code(line.required("code", 35), line, "code")
    parent = line.text("parent_code", 35)
    named = (line.text("successor_codes", 2000) or "").split(";")
    successors = [_code(text.strip(), line, "successor_codes") for text in named if text.strip()]
    above = _code(parent, line, "parent_code") if parent else parent_by_prefix(code)
    following = tuple(dict.fromkeys(successors))
    unit = Unit(code, line.text("name"), level, above, first, last, following, reports=line.yes_or_no("reports"))
    before = known.get(code, unit)
    absent = _FIELDS.keys() - line.row.cells.keys()
    return unit._replace(**{_FIELDS[column]: getattr(before, _FIELDS[column]) for column in absent})


def _level(line: CatalogueLine) -> str | None:
    written = line.text("level")
    if written is None:
        return None
    level = _LEVEL_WORDS.get(_OFFICE.sub("", search_key(written)))
    if level is None:
        known = ", ".join(f"{names[0]} ({code})" for code, names in LEVELS.items())
        raise line.wrong("level", "unknown_level", words=known)
    return level


def _code(text: str, line: CatalogueLine, name: str) -> str:
    if not is_code(text):
        raise line.wrong(name, "no_agency_code")
    return normalise(text)


def _misplaced(line: CatalogueLine, unit: Unit, after: Mapping[str, Unit]) -> Iterable[str]:
    if unit.parent_code is not None and unit.parent_code not in after:
        yield line.at(line.wrong("parent_code", "no_such_unit", code=unit.parent_code))
    for successor in unit.successors:
        if successor not in after:
            yield line.at(line.wrong("successor_codes", "no_such_unit", code=successor))
    if _in_cycle(unit.code, lambda code: [after[code].parent_code] if code in after else []):
        yield line.at(line.wrong("parent_code", "parents_in_circle", code=unit.code))
    if _in_cycle(unit.code, lambda code: after[code].successors if code in after else []):
        yield line.at(line.wrong("successor_codes", "successors_in_circle", code=unit.code))


def _in_cycle(code: str, following: Callable[[str], Iterable[str | None]]) -> bool:
    waiting, seen = [code], set()
    while waiting:
        for other in following(waiting.pop()):
            if other == code:
                return True
            if other is not None and other not in seen:
                seen.add(other)
                waiting.append(other)
    return False
