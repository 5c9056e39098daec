"""Resolve events without a database: what the catalogues would say is given."""

from collections.abc import Callable, Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

from models.sources import Source
from service.domain.calendar.work_calendar import WorkCalendar
from service.domain.dossier.snapshot import ProgressStep, Snapshot
from service.domain.dossier.versions import Version
from service.domain.units import Unit, UnitTree
from service.ingest.deadline_book import Deadline, DeadlineBook
from service.ingest.event_resolver import EventResolver
from service.ingest.known_dossier import KnownDossier
from service.store.catalogues.known_units import KnownUnits
from service.store.dossiers import FiledVersions

TREE = UnitTree([Unit("H23"), Unit("H23.NEW"), Unit("H23.OLD", valid_to=date(2024, 5, 31), successors=("H23.NEW",))])


class NoLimits:
    """A deadline book for procedures without time limits."""

    work = WorkCalendar()
    procedures: Any = None

    def __init__(self) -> None:
        self.procedures = self

    def field_key(self, snapshot: Snapshot) -> str | None:
        return snapshot.field_code or snapshot.field_name

    def since(self, before: int | None, _snapshot: Snapshot | None) -> int | None:
        return before

    def decide(self, *_: Any) -> Deadline:
        return Deadline(None, None)


def resolver(
    *,
    derive_pauses: bool = False,
    go_on: Callable[[], None] = lambda: None,
    is_test: bool = False,
    deadlines: NoLimits | None = None,
) -> EventResolver:
    """Return a resolver of source 1. go_on: called for each version that is looked at."""
    source = cast(Source, SimpleNamespace(id=1, derive_pauses=derive_pauses, is_test=is_test))
    units = cast(KnownUnits, SimpleNamespace(tree=lambda: TREE, dissolved_on=_last_day))
    return EventResolver(source, cast(DeadlineBook, deadlines or NoLimits()), units, go_on)


def _last_day(code: str) -> date | None:
    return TREE.units[code].valid_to if code in TREE else None


def resolve(events: Sequence[Version | ProgressStep], *, derive_pauses: bool = False) -> tuple[KnownDossier, list[str]]:
    """Resolve events in this order of filing; return the dossier and the result of each."""
    known, deciding, results = KnownDossier(), resolver(derive_pauses=derive_pauses), []
    for event in events:
        results.append(_resolve_one(deciding, known, event))
    deciding.work_out_if_needed(known)
    return known, results


def resolve_loaded(before: KnownDossier, event: Version | ProgressStep) -> KnownDossier:
    """Resolve an event on a dossier that is loaded from the database."""
    assert before.row is not None and before.known_at is not None
    filed = FiledVersions(list(before.filed), before.known_at)
    known, deciding = KnownDossier.stored(before.row, filed, before.row), resolver()
    _resolve_one(deciding, known, event)
    deciding.work_out_if_needed(known)
    return known


def _resolve_one(deciding: EventResolver, known: KnownDossier, event: Version | ProgressStep) -> str:
    if isinstance(event, ProgressStep):
        return deciding.step(known, event, known.next_known_at(event.moment)).result
    return deciding.snapshot(known, event).result


def kinds_of(filed: Sequence[Version]) -> set[str]:
    """Return the kinds of warnings that a dossier has after these versions."""
    row = resolve(filed)[0].row
    assert row is not None
    return set(row.warnings)
