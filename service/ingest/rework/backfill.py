"""Give dossiers the deadline or the field that the catalogue lacked when they came, and has now."""

from collections.abc import Collection, Iterator
from datetime import datetime
from time import sleep

from service.components import Components
from service.domain.dossier.events import CatalogueEvent
from service.domain.procedures import field_given
from service.ingest.pipeline import Pipeline
from service.ingest.sender import Sender
from service.store import dossiers, sources
from service.store.catalogues import versions as catalogue_versions

_PAUSE_SECONDS = 0.1
"""On SQLite pushes find the lock free after each transaction."""


def backfill(
    components: Components, now: datetime, procedures: Collection[str] | None = None, dry_run: bool = False
) -> int:
    """Fill the dossiers of these procedures (None: all that were imported); return how many got a deadline or a field.

    Each transaction fills some dossiers of one source, so that pushes go on.
    """
    with components.database.reading() as session:
        if procedures is None:
            procedures = {line.code for line in catalogue_versions.known_procedures(session)}
        source_ids = [source.id for source in sources.all_sources(session)]
    filled = 0
    for source_id in source_ids if procedures else ():
        sender = Sender(source_id, f"backfill-{now:%Y%m%dT%H%M%S}", dry_run=dry_run)
        filled += sum(_fill(components, sender, sorted(procedures), now))
    return filled


def _fill(components: Components, sender: Sender, procedures: list[str], now: datetime) -> Iterator[int]:
    """Fill what the dossiers of one source lack, in the order of their codes, some in each transaction."""
    database, after = components.database, ""
    while True:
        with database.reading(patient=True) if sender.dry_run else database.writing() as session:
            pipeline = Pipeline(session, sender, lambda: now, components.hours)  # waits for earlier pushes
            imported = catalogue_versions.imported_procedures(session, procedures)
            told = ((row.field_code, field_given(rows)) for rows in imported.values() for row in rows)
            earlier = {field for field, given in told if field and field != given}
            if not (codes := dossiers.lacking(session, sender.source_id, procedures, sorted(earlier), after)):
                return
            results = list(pipeline.file(map(CatalogueEvent, codes)))
            pipeline.tally_changes.write(session)  # a dry run changed none
        yield sum(result.result == "updated" for result in results)
        after = codes[-1]
        sleep(_PAUSE_SECONDS)
