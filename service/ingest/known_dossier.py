"""A dossier while the events of a request are resolved: its stored state, and what the events made of it so far."""

import pickle
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from service.domain.calendar.local_time import MICROSECOND
from service.domain.dossier.pauses import PausedInterval
from service.domain.dossier.versions import Life, Version
from service.ingest.dossier_course import Course
from service.store.dossiers import DossierRow, FiledVersions


@dataclass(slots=True)
class KnownDossier:
    """A dossier while the events of a request are resolved.

    row: None for a dossier that is not known yet. filed: the snapshots that make its state, in order of filing.
    earlier: what was filed before the source deleted it. known_at: when the newest event became known. paused: its
    intervals, None until they are worked out anew. stays_at: the unit of the stored row, if its versions alone would
    give another one (units were imported since, or versions were deleted). catalogue_version: see DeadlineBook.since.
    is_worked_out: the row follows from all that is filed. before: the row before this request (for `end_known_at`).
    """

    row: DossierRow | None = None
    filed: list[Version] = field(default_factory=list)
    earlier: tuple[Life, ...] = ()
    known_at: datetime | None = None
    paused: list[PausedInterval] | None = None
    stays_at: str | None = None
    catalogue_version: int | None = None
    course: Course | None = None
    is_worked_out: bool = True
    before: DossierRow | None = None
    _digests: set[str] = field(default_factory=set)
    _hashed: int = 0

    @classmethod
    def stored(cls, row: DossierRow, filed: FiledVersions | None, before: DossierRow | None) -> "KnownDossier":
        """Return a dossier as it is stored. filed: None for a dossier of which no event says anything new."""
        filed = filed or FiledVersions([], row.known_at)
        earlier, version = tuple(filed.earlier), row.catalogue_version
        return cls(row, filed.snapshots, earlier, filed.known_at, catalogue_version=version, before=before)

    @property
    def was_open(self) -> bool:
        row = self.before
        return row is not None and row.outcome is None and bool(row.received_at or row.merged_received_at)

    def end_known_at(self, outcome: str | None) -> datetime | None:
        """Return when the end of a closed dossier became known, if requests before this one left it open."""
        if outcome is None or self.before is None:
            return None
        return self.known_at if self.was_open else self.before.end_known_at

    def note(self, version: Version) -> None:
        self.filed.append(version)
        self.known_at = version.known_at

    def has_filed(self, digest: str) -> bool:
        self._digests.update(version.digest for version in self.filed[self._hashed :])
        self._hashed = len(self.filed)
        return digest in self._digests

    def forget_digests(self) -> None:
        """Forget the digests of what was filed, so that the same content sent again is new."""
        self._digests, self._hashed = set(), 0

    def next_known_at(self, now: datetime) -> datetime:
        """Return when an event that is filed now became known: later than every event that was filed before.

        That holds also when a clock is set back, or when the clocks of two replicas differ.
        """
        return now if self.known_at is None or self.known_at < now else self.known_at + MICROSECOND


class Unstored:
    """The dossiers as the dry run of a request has made them so far; compressed, as they may be many."""

    def __init__(self) -> None:
        self._packed: dict[str, bytes] = {}

    def keep(self, dossiers: Mapping[str, KnownDossier]) -> None:
        """Keep the rows and versions that would be stored."""
        for code, known in dossiers.items():
            state = known.row, known.filed, known.known_at, known.earlier
            self._packed[code] = zlib.compress(pickle.dumps(state), 1)

    def states(self, codes: Collection[str]) -> dict[str, tuple[DossierRow, FiledVersions]]:
        """Return the rows and versions of these dossiers, as they would be read if they were stored."""
        states = {}
        for code in self._packed.keys() & codes:
            row, *versions = pickle.loads(zlib.decompress(self._packed[code]))  # noqa: S301 - our own
            states[code] = row, FiledVersions(*versions)
        return states
