"""File events straight into an empty database, and read what is stored of them. Days are of June 2024."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from models.sources import Source
from service.domain.calendar.work_calendar import OfficeHours
from service.domain.dossier.events import DossierEvent, IngestResult
from service.ingest.pipeline import Event, Pipeline
from service.ingest.sender import Sender
from service.store import sources
from service.store.database import Database
from tests.support.june import june, version

NOW, LATER = june("20 08:00"), june("21 08:00")


def sent(status: int, changed: str | None = None, **given: Any) -> DossierEvent:
    """Build the event of a version (see tests.support.june)."""
    return DossierEvent(version(status, changed, **given).snapshot)


@dataclass
class Filing:
    """A source that files events."""

    database: Database
    source_id: int
    key: str

    def file(self, *events: Event, now: datetime = NOW, **sender: Any) -> list[IngestResult]:
        """File events in one transaction."""
        with self.database.writing() as session:
            pipeline = Pipeline(session, Sender(self.source_id, "r-1", **sender), lambda: now, OfficeHours())
            results = list(pipeline.file(events))
            pipeline.close()
        return results

    def stored(self, model: Any, *names: str) -> list[Any]:
        """Return these columns of every row, in the order of the rows' keys; of one column, its values alone."""
        columns = [getattr(model, name) for name in names]
        with self.database.reading() as session:
            rows = session.execute(select(*columns).order_by(*model.__table__.primary_key)).all()
        return [row[0] if len(names) == 1 else tuple(row) for row in rows]

    def has(self, model: Any) -> bool:
        """Say whether a table has any row."""
        with self.database.reading() as session:
            return session.execute(select(model).limit(1)).first() is not None

    def is_now(self, **columns: Any) -> None:
        """Change what is stored of the source."""
        with self.database.writing() as session:
            session.execute(update(Source).values(columns))


def begun(database_url: str) -> Iterator[Filing]:
    """Give a source of an empty database."""
    database = Database(database_url)
    with database.writing() as session:
        key = sources.add(session, "mot-cua", None, june("1 08:00"))
        source_id = sources.find(session, "mot-cua").id
    yield Filing(database, source_id, key)
    database.engine.dispose()
