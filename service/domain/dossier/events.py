"""Events: what one validated record tells about a dossier, and what became of it."""

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
    """A snapshot of a dossier, with names for the catalogues and the kinds of warnings that reading it gave."""

    snapshot: Snapshot
    unit_name: str | None = None
    procedure_name: str | None = None
    warnings: tuple[str, ...] = ()

    @property
    def code(self) -> str:
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
    """A person decided that another source's dossier is the same and counts in its place (merged), or is not."""

    code: str
    merged: bool


class Rejection(NamedTuple):
    """A record that cannot be counted: its dossier code if it has one, and what is wrong by field."""

    code: str | None
    errors: dict[str, list[str]]


class IngestResult(NamedTuple):
    """What became of one event: created, updated, unchanged, stale, deleted or rejected.

    warnings: kinds of WARNINGS. lag: how late a change that counts became known, in seconds. place: the row of a file.
    read: what was mended or doubted while that row was read. taken_back: kinds of READING_WARNINGS for what earlier
    events had told and this one no longer tells.
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
        """Return errors and warnings as answers carry them; either is left out when there are none."""
        warnings = [warning.as_dict() for warning in (*map(WARNINGS.__getitem__, self.warnings), *self.read)]
        return {**({"errors": self.errors} if self.errors else {}), **({"warnings": warnings} if warnings else {})}


@dataclass
class IngestCounts:
    """Metrics of one request's events: how many had each result and each warning, and their lags in seconds.

    started: the reading of the monotonic clock when the source's lock was taken.
    """

    source: str
    started: float
    results: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    lags: "array[float]" = field(default_factory=lambda: array("d"))

    def add(self, result: str, warnings: tuple[str, ...], lag: float | None) -> None:
        self.results[result] += 1
        if warnings:
            self.warnings.update(warnings)
        if lag is not None:
            self.lags.append(lag)


def lag_of(changed_at: datetime, known_at: datetime) -> float:
    """Return how late a change became known, in seconds; 0 for one that a sender's clock puts into the future."""
    return max(0.0, (known_at - changed_at).total_seconds())
