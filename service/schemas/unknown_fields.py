"""Fields that nobody reads: named in the answer with the nearest known one, so that `dueAt` is not lost in silence."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from service.domain.dossier.events import DossierEvent, Rejection
from service.schemas.dossier_input import DossierSchema, PauseSchema, printable_code, read_record

NAMED = 20
"""How many names an answer gives."""

_MAX_NAME = 64


def _names(schema: type[DossierSchema] | type[PauseSchema]) -> frozenset[str]:
    return frozenset(one.data_key or name for name, one in schema().fields.items())


KNOWN = _names(DossierSchema)
_KNOWN_OF_PAUSE = _names(PauseSchema)


@lru_cache(1024)
def nearest(name: str) -> str | None:
    """Return the known field that was probably meant: dueAt is due_at; None when nothing is near."""
    prefix, _, last = name.rpartition(".")
    known = _KNOWN_OF_PAUSE if prefix else KNOWN
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[\s.-]+", "_", last).lower()
    matches = get_close_matches(snake, sorted(known), n=1, cutoff=0.6)
    return f"{prefix}.{matches[0]}" if matches and prefix else (matches[0] if matches else None)


def unknown_of(item: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names in a record, and in its pauses, that no field bears; unprintable ones are not repeated."""
    for name in item.keys() - KNOWN:
        if len(name) <= _MAX_NAME and name.isprintable():
            yield name
    pauses = item.get("pauses")
    for pause in pauses if isinstance(pauses, list) else ():
        if isinstance(pause, dict):
            yield from (f"pauses.{name}" for name in pause.keys() - _KNOWN_OF_PAUSE if name.isprintable())


@dataclass
class RecordReader:
    """Validates the records of one request, and remembers which fields of theirs nobody reads.

    strict: such a field rejects its record.
    """

    strict: bool = False
    unknown: dict[str, str | None] = field(default_factory=dict)

    def read(self, item: Any) -> DossierEvent | Rejection:
        """Validate one decoded record."""
        record = read_record(item)
        names = sorted(set(unknown_of(item))) if isinstance(item, dict) else []
        for name in names:
            if len(self.unknown) < NAMED or name in self.unknown:
                self.unknown[name] = nearest(name)
        if not (self.strict and names):
            return record
        errors = record.errors if isinstance(record, Rejection) else {}
        return Rejection(printable_code(item), {**errors, **{name: [_told(name)] for name in names[:NAMED]}})


def _told(name: str) -> str:
    near = nearest(name)
    if near is None:
        return "Không có trường này (unknown field)"
    return f"Không có trường này; gần nhất: {near} (unknown field; did you mean {near}?)"
