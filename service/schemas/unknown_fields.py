"""Unknown fields of records: an answer names them, each with the nearest known one (`dueAt`: `due_at`)."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from service.domain.dossier.events import DossierEvent, ProgressEvent, Rejection
from service.schemas.dossier_input import DossierSchema, PauseSchema, read_record

News = DossierEvent | ProgressEvent | Rejection
NAMED = 20
"""How many unknown fields an answer names."""
_MAX_NAME = 64
_LOOKED_AT = 1000
"""How many names of one record are looked at: it may have two million."""


def _repeated(name: str) -> str:
    """Return a name as an answer may repeat it; a long or unprintable one becomes …."""
    return name if len(name) <= _MAX_NAME and name.isprintable() else "…"


def _names(schema: type[DossierSchema] | type[PauseSchema]) -> frozenset[str]:
    return frozenset(field.data_key or name for name, field in schema().fields.items())


class Vocabulary(NamedTuple):
    """The field names of a record, and those of the objects in its one list, which is the field `listed_in`."""

    known: frozenset[str]
    listed_in: str
    listed: frozenset[str]

    def unknown_of(self, item: Mapping[str, Any]) -> Iterator[str]:
        """Yield the unknown names among the first ones of a record, and of the objects in its list."""
        yield from (_repeated(name) for name in islice(item, _LOOKED_AT) if name not in self.known)
        inner = item.get(self.listed_in)
        for one in inner if isinstance(inner, list) else ():
            if isinstance(one, dict):
                names = (name for name in islice(one, _LOOKED_AT) if name not in self.listed)
                yield from (f"{self.listed_in}.{_repeated(name)}" for name in names)


API = Vocabulary(_names(DossierSchema), "pauses", _names(PauseSchema))


@lru_cache(1024)
def nearest(name: str, words: Vocabulary = API) -> str | None:
    """Return the known field that was probably meant (due_at for dueAt), None when nothing is near."""
    prefix, dot, last = name.rpartition(".")
    known = {_bare(one): one for one in sorted(words.listed if prefix else words.known)}
    matches = get_close_matches(_bare(last), known, n=1, cutoff=0.6)
    return f"{prefix}{dot}{known[matches[0]]}" if matches else None


def _bare(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()


@dataclass
class RecordReader:
    """Validates the records of one request, and remembers their unknown fields.

    strict: such a field rejects its record. words, validate: the field names and the validation of the records' format.
    """

    strict: bool = False
    words: Vocabulary = API
    validate: Callable[[Any], News] = read_record
    unknown: dict[str, str | None] = field(default_factory=dict)

    def read(self, item: Any) -> News:
        record = self.validate(item)
        names = sorted(set(self.words.unknown_of(item))) if isinstance(item, dict) else []
        for name in names:
            if len(self.unknown) < NAMED or name in self.unknown:
                self.unknown[name] = nearest(name, self.words)
        if not (self.strict and names):
            return record
        errors = record.errors if isinstance(record, Rejection) else {}
        return Rejection(record.code, {**errors, **{name: [self._message(name)] for name in names[:NAMED]}})

    def unread_fields(self) -> dict[str, Any]:
        """Return the part of an answer that names unknown fields; nothing when there are none."""
        return {"unknown_fields": self.unknown} if self.unknown else {}

    def _message(self, name: str) -> str:
        near = self.unknown.get(name)  # only for the first names: a search costs more than reading a record
        if near is None:
            return "Không có trường này (unknown field)"
        return f"Không có trường này; gần nhất: {near} (unknown field; did you mean {near}?)"
