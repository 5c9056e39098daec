"""Rows of headings, in one line or two: which column holds which field, and which is left unread."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import NamedTuple

from xlsxwriter.utility import xl_col_to_name

from service.formats.messages import told
from service.formats.registers import headings as one_heading
from service.formats.registers.heading_words import ONE_COLUMN, REQUIRED, WORDS
from service.formats.registers.headings import IGNORED, Exactness, Meaning, key, meaning, named, titled
from service.formats.tables import FileError, TableRow, place
from service.schemas.fields import MAX_READ

TITLE_ROWS = 50
"""Headings are looked for in so many rows: above them stand titles and logos."""
_DATE_GROUPS = frozenset(
    {"ngaythangnam", "ngay", "thoigian", "thoidiem", "ngaygio", "cacmocthoigian", "mocthoigian", "ngaythang"}
)
ENOUGH = 3
"""Further down, a row with so many known headings is one of headings, even if one that is needed is missing."""


class BadHeadings(FileError):
    """Headings that a person must settle: where they stand, and a line for each; all sheets are told at once."""

    def __init__(self, where: str, problems: Sequence[str]) -> None:
        super().__init__(*(f"{where}: {problem}" for problem in problems))
        self.where, self.problems = where, problems


class Columns(NamedTuple):
    """The positions of the fields below one row of headings.

    unread: the other headings, by position. width: the position after the last heading. lines: how many the headings
    take. own_headings: the file's heading of a field, where it is not the field's title. return_is_unsure: no column
    holds the promised day, so the column of the return may hold it.
    """

    fields: dict[str, int]
    unread: dict[int, str]
    width: int
    lines: int
    own_headings: dict[str, str]
    return_is_unsure: bool = False


class Headings(NamedTuple):
    """What the headings of columns mean, and their texts, by position. lines: one or two.

    is_split: a known heading stands above several unknown ones, so it belongs to none of their columns. outdone: fields
    that this file names itself, so that what a person settled for other files is not used.
    """

    meanings: dict[int, Meaning]
    texts: dict[int, str]
    lines: int
    is_split: bool = False
    outdone: frozenset[str] = frozenset()

    @property
    def fields(self) -> set[str]:
        return {known.field for known in self.meanings.values() if known.field != IGNORED}


def find_headings(
    row: TableRow, following: TableRow | None, settled: Mapping[str, str], said_now: Mapping[str, str] = {}
) -> Headings:
    """Return the headings that begin in this row, in one line or in two: the reading that names more fields.

    said_now: those of the settled headings that were settled for this file.
    """
    headings = _in_one_or_two(row, following, settled)
    own = {known.field for known in headings.meanings.values() if known.exactness in (Exactness.EXACT, Exactness.OTHER)}
    given = {known.field for known in headings.meanings.values() if known.exactness is Exactness.GIVEN}
    if not (outdone := own & given - {*said_now.values()}):
        return headings
    settled = {heading: name for heading, name in settled.items() if name not in outdone}
    return _in_one_or_two(row, following, settled)._replace(outdone=frozenset(outdone))


def _in_one_or_two(row: TableRow, following: TableRow | None, settled: Mapping[str, str]) -> Headings:
    one = _in_one_line(row, settled)
    two = _in_two_lines(row, following, settled) if following and following.number == row.number + 1 else None
    # The upper row may be a title above headings in one line: two lines must name more fields than either alone.
    alone = max(len(one.fields), len(_in_one_line(following, settled).fields)) if two and following else 0
    return two if two and (two.is_split or len(two.fields) > alone) else one


def with_those_above(row: TableRow, above: TableRow | None, settled: Mapping[str, str]) -> TableRow:
    """Return a row with the headings of the row above in its empty cells, as merged cells show them."""
    if above is None or above.number != row.number - 1 or not any(meaning(text, settled) for text in above.cells):
        return row
    return row._replace(cells=[cell or reaching for cell, reaching in zip_longest(row.cells, above.cells)])


def lacking(candidate: Headings) -> list[str]:
    """Return the required fields that have no heading."""
    return [name for name in REQUIRED if name not in candidate.fields]


def _in_one_line(row: TableRow, settled: Mapping[str, str]) -> Headings:
    words = {at: " ".join(cell.split()) for at, cell in enumerate(row.cells) if isinstance(cell, str)}
    texts = {at: text[:MAX_READ] for at, text in words.items() if text}
    meanings = {at: known for at, text in texts.items() if (known := meaning(text, settled))}
    return Headings(meanings, texts, 1)


def _in_two_lines(row: TableRow, following: TableRow, settled: Mapping[str, str]) -> Headings | None:
    """Join each column's heading with the one below; an upper heading also holds for empty cells to its right."""
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
    """Say whether a heading stands over several columns of a second line, and that line is not a dossier."""
    codes = {column for column, known in upper.meanings.items() if known.field in REQUIRED}
    return at + 1 in lower.texts and at + 1 not in upper.texts and not codes & lower.texts.keys()


def _joined(above: str, below: str) -> list[str]:
    if key(above) == key(below):
        return [above]
    dated = [f"Ngày {below}"] if key(above) in _DATE_GROUPS else []
    dated += [f"Ngày {above}", above] if key(below) in _DATE_GROUPS else []
    return [*dated, f"{above} {below}", f"{below} {above}", below]


def choose_columns(candidate: Headings, sheet: str | None, row: int) -> Columns:
    """Choose a column for each field; BadHeadings where two fit equally, or where a needed date is not understood."""
    fitting = _best_fitting(candidate)
    fields = {name: columns[0] for name, columns in fitting.items()}
    taken = set(fields.values())
    unread = {at: text for at, text in candidate.texts.items() if at not in taken}
    if lost := next(filter(one_heading.lost_letters, unread.values()), None):
        raise FileError(told("letters_lost", where=place(sheet, row), example=lost))
    unsure = _may_be_the_promise(candidate, fields)
    problems = [*_in_two_columns(candidate, fitting), *_doubtful(candidate, fields)]
    if unsure and not {"status", "finished_at"} & fields.keys():
        at = fields["returned_at"]
        problems.append(told("promise_or_return", column=_quoted(candidate, at), heading=candidate.texts[at]))
    if problems:
        raise BadHeadings(place(sheet, row), problems)
    own = {name: candidate.texts[at] for name, at in fields.items() if key(candidate.texts[at]) != key(titled(name))}
    return Columns(fields, unread, max(candidate.texts) + 1, candidate.lines, own, unsure)


def _may_be_the_promise(candidate: Headings, fields: Mapping[str, int]) -> bool:
    """Say whether `Ngày trả` may hold the promised day: no other column does, and nobody has settled it."""
    at = fields.get("returned_at")
    if at is None or {"due_at", "new_due_at"} & fields.keys() or candidate.meanings[at].exactness == Exactness.GIVEN:
        return False
    return "thuc" not in key(candidate.texts[at]) and candidate.texts[at] not in ("returned_at", "NgayTra")


def _best_fitting(candidate: Headings) -> dict[str, list[int]]:
    """Return for each field the columns whose headings name it most exactly."""
    by_field: dict[str, dict[int, Exactness]] = defaultdict(dict)
    for at, known in candidate.meanings.items():
        if known.field != IGNORED:
            by_field[known.field][at] = known.exactness
    return {
        name: [at for at, exactness in columns.items() if exactness == min(columns.values())]
        for name, columns in by_field.items()
    }


def _in_two_columns(candidate: Headings, fitting: Mapping[str, Sequence[int]]) -> Iterator[str]:
    """Yield a message for each field that several columns fit equally well, where guessing would be wrong."""
    for name, columns in fitting.items():
        if len(columns) > 1 and (name in ONE_COLUMN or candidate.meanings[columns[0]].exactness <= Exactness.EXACT):
            alike = len({key(candidate.texts[at]) for at in columns}) == 1
            quoted = "; ".join(_quoted(candidate, at) for at in columns)
            yield told("two_alike" if alike else "two_columns", named=named(name), columns=quoted, name=name)


def _doubtful(candidate: Headings, fields: Mapping[str, int]) -> Iterator[str]:
    """Yield a message for each unknown heading that may be a needed date: it must be settled or ignored."""
    lower = Counter(text.rpartition(" – ")[2] for text in candidate.texts.values())
    for at, text in candidate.texts.items():
        if at in candidate.meanings or not one_heading.speaks_of_a_needed_date(text, fields):
            continue
        name, last = one_heading.perhaps_meant(text), text.rpartition(" – ")[2]
        message = "date_beside" if name in fields else "date_not_understood"
        beside = _quoted(candidate, fields[name]) if name in fields else ""
        heading = last if lower[last] == 1 else text
        yield told(message, column=_quoted(candidate, at), heading=heading, name=titled(name), beside=beside)


def _quoted(candidate: Headings, at: int) -> str:
    return f"{xl_col_to_name(at)} “{candidate.texts[at]}”"


def missing(best: Headings | None) -> list[str]:
    """Return what to say of a file that lacks headings: which are needed, how they may be called, which were seen."""
    fitting = _best_fitting(best) if best else {}
    fields = {name: columns[0] for name, columns in fitting.items()}
    absent = [name for name in REQUIRED if name not in fields]
    seen = ", ".join(map(named, sorted(fields))) or "không có cột nào (none)"
    lines = [told("missing_headings", absent=", ".join(map(named, absent)), seen=seen, rows=TITLE_ROWS)]
    for name in absent:
        words = ", ".join((WORDS[name].title, *WORDS[name].other))
        lines.append(told("how_called", named=named(name), words=words, name=titled(name)))
    if "procedure_code" in absent and "procedure_name" in fields:
        lines.append(told("only_names"))
    if best and len(fields) > 1:
        lines += [*_in_two_columns(best, fitting), *_doubtful(best, fields)]
    return lines
