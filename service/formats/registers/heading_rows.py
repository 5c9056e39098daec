"""Rows of headings: in one line or two, in any order; which column holds which field, and what is left unread."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import NamedTuple

from xlsxwriter.utility import xl_col_to_name

from service.formats.messages import told
from service.formats.registers.heading_words import ONE_COLUMN, REQUIRED
from service.formats.registers.headings import (
    IGNORED,
    Meaning,
    key,
    lost_letters,
    meaning,
    named,
    speaks_of_a_needed_date,
)
from service.formats.tables import FileError, TableRow, place

TITLE_ROWS = 50
"""How far down the row of headings may stand, below titles and logos."""
_DATE_GROUPS = frozenset(
    {"ngaythangnam", "ngay", "thoigian", "thoidiem", "ngaygio", "cacmocthoigian", "mocthoigian", "ngaythang"}
)
ENOUGH = 3
"""A row with this many known headings is a row of headings, even if one that is needed is missing."""


class Columns(NamedTuple):
    """Which column holds which field, from one row of headings on.

    unread: the other headings, by position. width: how many columns have a heading. lines: of the headings.
    """

    fields: dict[str, int]
    unread: dict[int, str]
    width: int
    lines: int


class Headings(NamedTuple):
    """What each column's heading means, by position; lines: one or two.

    is_split: a heading that is known by itself stands over others that are not, so it is that of no column.
    """

    meanings: dict[int, Meaning]
    texts: dict[int, str]
    lines: int
    is_split: bool = False

    @property
    def fields(self) -> set[str]:
        """Return the fields that are named."""
        return {known.field for known in self.meanings.values() if known.field != IGNORED}


def find_headings(row: TableRow, following: TableRow | None, settled: Mapping[str, str]) -> Headings:
    """Return the headings that begin in this row, however few: of one line or of two, whichever names more."""
    one = _in_one_line(row, settled)
    two = _in_two_lines(row, following, settled) if following and following.number == row.number + 1 else None
    # A title or a total just above headings in one line adds nothing to them.
    alone = max(len(one.fields), len(_in_one_line(following, settled).fields)) if two and following else 0
    return two if two and (two.is_split or len(two.fields) > alone) else one


def with_those_above(row: TableRow, above: TableRow | None, settled: Mapping[str, str]) -> TableRow:
    """Return a row with the headings of the row above in its empty cells, as merged cells show them."""
    if above is None or above.number != row.number - 1 or not any(meaning(text, settled) for text in above.cells):
        return row
    return row._replace(cells=[cell or reaching for cell, reaching in zip_longest(row.cells, above.cells)])


def lacking(candidate: Headings) -> list[str]:
    """Return the fields that are needed and have no heading."""
    return [name for name in REQUIRED if name not in candidate.fields]


def _in_one_line(row: TableRow, settled: Mapping[str, str]) -> Headings:
    texts = {at: " ".join(cell.split()) for at, cell in enumerate(row.cells) if isinstance(cell, str) and cell.strip()}
    meanings = {at: known for at, text in texts.items() if (known := meaning(text, settled))}
    return Headings(meanings, texts, 1)


def _in_two_lines(row: TableRow, following: TableRow, settled: Mapping[str, str]) -> Headings | None:
    """Join each column's heading with the one below; a group's heading stands over the columns to its right."""
    upper, lower = _in_one_line(row, settled), _in_one_line(following, settled)
    if any(not isinstance(cell, str) and cell is not None for cell in following.cells):
        return None
    texts: dict[int, str] = {}
    meanings: dict[int, Meaning] = {}
    group, is_split = "", False
    for at in range(max((*upper.texts, *lower.texts), default=-1) + 1):
        above, below = upper.texts.get(at, ""), lower.texts.get(at, "")
        group = above or (group if below else "")
        if not (group or below):
            continue
        if above and below and at in upper.meanings and key(above) != key(below):
            own = meaning(below, settled)
            if own is None and not any(meaning(form, settled) for form in _joined(above, below)):
                if not _stands_over_others(at, upper, lower):
                    return None  # below a known heading stands a value: this is no second line of headings
                is_split = True
                texts[at] = f"{above} – {below}"
                continue
        texts[at] = f"{group} – {below}" if group and below and group != below else group or below
        forms = _joined(group, below) if group and below else [group or below]
        if known := next((known for form in [texts[at], *forms] if (known := meaning(form, settled))), None):
            meanings[at] = known
    return Headings(meanings, texts, 2, is_split)


def _stands_over_others(at: int, upper: Headings, lower: Headings) -> bool:
    """Say whether a heading spans several columns of a second line; a dossier would have its code there."""
    codes = {column for column, known in upper.meanings.items() if known.field in REQUIRED}
    return at + 1 in lower.texts and at + 1 not in upper.texts and not codes & lower.texts.keys()


def _joined(above: str, below: str) -> list[str]:
    if key(above) == key(below):
        return [above]
    dated = [f"Ngày {below}"] if key(above) in _DATE_GROUPS else []
    return [*dated, f"{above} {below}", f"{below} {above}", below]


def choose_columns(candidate: Headings, sheet: str | None, row: int) -> Columns:
    """Choose a column for each field; FileError where two fit equally, or where a needed date is not understood."""
    by_field: dict[str, list[int]] = defaultdict(list)
    for at, known in candidate.meanings.items():
        if known.field != IGNORED:
            by_field[known.field].append(at)
    fields = {name: _chosen(name, positions, candidate, sheet, row) for name, positions in by_field.items()}
    taken = set(fields.values())
    unread = {at: text for at, text in candidate.texts.items() if at not in taken}
    if lost := next(filter(lost_letters, unread.values()), None):
        raise letters_lost(lost, sheet, row)
    doubtful = [
        at for at, text in unread.items() if at not in candidate.meanings and speaks_of_a_needed_date(text, fields)
    ]
    if doubtful:
        columns, first = _quoted(candidate, doubtful), candidate.texts[doubtful[0]]
        raise FileError(told("date_not_understood", where=place(sheet, row), columns=columns, first=first))
    return Columns(fields, unread, max(candidate.texts) + 1, candidate.lines)


def _chosen(name: str, positions: list[int], candidate: Headings, sheet: str | None, row: int) -> int:
    best = min(candidate.meanings[at].exactness for at in positions)
    equal = [at for at in positions if candidate.meanings[at].exactness == best]
    if len(equal) > 1 and (name in ONE_COLUMN or best <= 1):
        columns = _quoted(candidate, equal)
        raise FileError(told("two_columns", where=place(sheet, row), named=named(name), columns=columns, name=name))
    return equal[0]


def _quoted(candidate: Headings, columns: Sequence[int]) -> str:
    return "; ".join(f"cột {xl_col_to_name(at)} “{candidate.texts[at]}”" for at in columns)


def letters_lost(example: str, sheet: str | None, row: int | None) -> FileError:
    """Return the error of a file whose letters have become question marks."""
    return FileError(told("letters_lost", where=place(sheet, row), example=example))


def missing(best: Headings | None) -> FileError:
    """Return the error of a file without its headings: which are needed, and which were found."""
    needed = ", ".join(map(named, REQUIRED))
    absent = ", ".join(map(named, lacking(best) if best else REQUIRED))
    seen = ", ".join(named(name) for name in (sorted(best.fields) if best else ())) or "không có cột nào (none)"
    return FileError(told("missing_headings", absent=absent, needed=needed, seen=seen, rows=TITLE_ROWS))
