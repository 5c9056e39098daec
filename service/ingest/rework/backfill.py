"""Give dossiers the deadline or the field that the catalogue lacked when they came, and has now."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from service.components import Components
from service.domain.dossier.events import CatalogueEvent
from service.domain.procedures import field_given
from service.ingest.pipeline import Pipeline
from service.ingest.sender import Sender
from service.store import dossiers, sources
from service.store.catalogues import versions as catalogue_versions


class Backfilled(NamedTuple):
    """How many dossiers were looked at, and how many of them got something."""

    looked_at: int
    filled: int

    def plus(self, other: "Backfilled") -> "Backfilled":
        """Return both together."""
        return Backfilled(self.looked_at + other.looked_at, self.filled + other.filled)


def backfill(
    components: Components, now: datetime, procedures: Collection[str] | None = None, dry_run: bool = False
) -> Backfilled:
    """Fill the dossiers of these procedures (national codes; None: of all that were imported).

    Some dossiers of one source at a time are filled in a transaction of their own, so that pushes go on.
    """
    with components.database.reading() as session:
        wanted = {line.code for line in catalogue_versions.known_procedures(session)}
        source_ids = [source.id for source in sources.all_sources(session)]
    if procedures is not None:
        wanted &= set(procedures)
    total = Backfilled(0, 0)
    for source_id in source_ids if wanted else ():
        total = total.plus(_Source(components, source_id, sorted(wanted), now, dry_run).fill())
    return total


class _Source:
    """The dossiers of one source that lack something."""

    def __init__(
        self, components: Components, source_id: int, procedures: list[str], now: datetime, dry_run: bool
    ) -> None:
        self._components = components
        self._sender = Sender(source_id, f"backfill-{now:%Y%m%dT%H%M%S}", is_source=False, dry_run=dry_run)
        self._procedures = procedures
        self._now = now

    def fill(self) -> Backfilled:
        """Fill them in the order of their codes."""
        total, after = Backfilled(0, 0), ""
        while True:
            database = self._components.database
            with database.reading(patient=True) if self._sender.dry_run else database.writing() as session:
                codes = self._lacking(session, after)
                if not codes:
                    return total
                total = total.plus(Backfilled(len(codes), self._fill(session, codes)))
            after = codes[-1]

    def _lacking(self, session: Session, after: str) -> list[str]:
        imported = catalogue_versions.imported_procedures(session, self._procedures)
        earlier = {
            row.field_code
            for rows in imported.values()
            for row in rows
            if row.field_code and row.field_code != field_given(rows)
        }
        return dossiers.lacking(session, self._sender.source_id, self._procedures, sorted(earlier), after)

    def _fill(self, session: Session, codes: list[str]) -> int:
        hours = self._components.hours
        pipeline = Pipeline(session, self._sender, lambda: self._now, hours)
        results = list(pipeline.file(map(CatalogueEvent, codes)))
        if not self._sender.dry_run:
            pipeline.tally_changes.write(session)
        return sum(result.result == "updated" for result in results)
