"""The headings of registers by field: the exact ones, other words for the same, and looser ones.

Of two columns for one field, the one with the more exact heading counts.
"""

from collections.abc import Mapping
from typing import NamedTuple

from service.domain.json_beside import json_beside
from service.formats.national import MOMENTS, NEW_DUE, PAUSE, TEXTS


class Words(NamedTuple):
    """The headings of one field. title: the one that people are shown. exact: others that name it as surely."""

    title: str
    exact: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()


WORDS: Mapping[str, Words] = {
    field: Words(words["title"], *(tuple(words.get(kind, ())) for kind in ("exact", "other", "loose")))
    for field, words in json_beside(__file__).items()
}
NATIONAL_NAMES = {
    **TEXTS,
    **MOMENTS,
    "unit_code": "MaDinhDanhDV",
    "pause_from": PAUSE["from"],
    "pause_to": PAUSE["to"],
    "new_due_at": NEW_DUE,
}
FIELDS = tuple(WORDS)
REQUIRED = ("code", "procedure_code", "received_at")
MOMENT_FIELDS = (*MOMENTS, "changed_at", "pause_from", "pause_to", "new_due_at")
ONE_COLUMN = frozenset({"code", "unit_code", "procedure_code", "status", *MOMENT_FIELDS})
"""A file with two equally good columns for one of these fields is refused, as a guess may be wrong."""
