"""Events: what a source tells about a dossier, once it is validated."""

from array import array
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from service.domain.dossier.data_warnings import WARNINGS, DataWarning
from service.domain.dossier.snapshot import ProgressStep, Snapshot


class DossierEvent(NamedTuple):
    """A validated record: the dossier's state, and names for the catalogues."""

    snapshot: Snapshot
    unit_name: str | None = None
    procedure_name: str | None = None
    warnings: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """Return the dossier's code."""
        return self.snapshot.code


class ProgressEvent(NamedTuple):
    """A progress step: the dossier reached a status at a moment."""

    code: str
    step: ProgressStep


class DeletionEvent(NamedTuple):
    """The source takes a dossier back: it counts nowhere until it is sent again."""

    code: str


class CatalogueEvent(NamedTuple):
    """An import filled the catalogue: a dossier may have a deadline or a field now that it lacked."""

    code: str


class MergeEvent(NamedTuple):
    """A person decided whether a dossier is the same as one of another source, which is counted in its place."""

    code: str
    merged: bool


class Rejection(NamedTuple):
    """A record that cannot be counted: its dossier code if it has one, and what is wrong by field."""

    code: str | None
    errors: dict[str, list[str]]


class IngestResult(NamedTuple):
    """What became of one event: created, updated, unchanged, stale or rejected.

    lag: how late news that counts became known, in seconds. place: where it stands in a file. read: what was mended or
    doubted while it was read. taken_back: kinds of what earlier news had told and this one takes back, for a file.
    """

    result: str
    code: str | None
    warnings: tuple[str, ...] = ()
    errors: dict[str, list[str]] | None = None
    lag: float | None = None
    place: Mapping[str, Any] = MappingProxyType({})
    read: tuple[DataWarning, ...] = ()
    taken_back: tuple[str, ...] = ()

    def told(self) -> dict[str, Any]:
        """Return what there is to say of it, as answers carry it: errors, warnings."""
        warnings = [warning.as_dict() for warning in (*map(WARNINGS.__getitem__, self.warnings), *self.read)]
        return {**({"errors": self.errors} if self.errors else {}), **({"warnings": warnings} if warnings else {})}


@dataclass
class IngestCounts:
    """What became of the events of one request, for those who watch the service; lags are in seconds.

    started: the reading of the monotonic clock when the source's lock was taken.
    """

    source: str
    started: float
    results: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    lags: "array[float]" = field(default_factory=lambda: array("d"))

    def add(self, result: str, warnings: tuple[str, ...], lag: float | None) -> None:
        """Count what became of one event."""
        self.results[result] += 1
        if warnings:
            self.warnings.update(warnings)
        if lag is not None:
            self.lags.append(lag)


def lag_of(changed_at: datetime, known_at: datetime) -> float:
    """Return how late a change became known, in seconds; a clock that runs ahead counts as no delay."""
    return max(0.0, (known_at - changed_at).total_seconds())
