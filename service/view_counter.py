"""Count the answers that are given about units: in memory first, and every minute into the database.

No cookie, no address, nothing about who asked. Each replica adds its own answers, so the sums hold those of all.
A replica that is stopped writes the rest first. A replica that is killed loses up to a minute.
"""

import logging
from collections import Counter
from datetime import UTC, datetime, timedelta
from threading import Event, Lock, Thread

from sqlalchemy.exc import SQLAlchemyError

from service.domain.units import as_asked
from service.store.database import Database
from service.store.statistics.views import View, add_views

VIEWED = {"/api/v1/widget/<unit>": "widget", "/embed/<unit>": "widget", "/units/<unit>": "page"}
"""The routes whose answers are views, each with what was viewed."""
_SECONDS = 60
_AN_HOUR = timedelta(hours=1)
_log = logging.getLogger("tthc.views")


class ViewCounter:
    """The views that are not written yet."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counted: Counter[View] = Counter()

    def note(self, route: str, unit: str) -> None:
        """Count an answer about a unit that exists, if its route is in VIEWED."""
        if kind := VIEWED.get(route):
            minute = datetime.now(UTC).replace(second=0, microsecond=0)
            with self._lock:
                self._counted[as_asked(unit), kind, minute] += 1

    def write(self, database: Database) -> None:
        """Write what was counted; what cannot be written is kept for the next time."""
        with self._lock:
            counted, self._counted = self._counted, Counter()
        if not counted:
            return
        now = datetime.now(UTC)
        try:
            with database.writing() as session:
                add_views(session, counted, now)
        except (SQLAlchemyError, TimeoutError) as error:
            _log.warning("%d views could not be written: %s; trying again", counted.total(), type(error).__name__)
            with self._lock:
                for (unit, kind, minute), views in counted.items():
                    # Older minutes are joined into hours, so that an outage needs little memory.
                    kept = minute if minute > now - _AN_HOUR else minute.replace(minute=0)
                    self._counted[unit, kind, kept] += views


class ViewWriter(Thread):
    """Writes the views every minute, and a last time when it is stopped."""

    def __init__(self, views: ViewCounter, database: Database) -> None:
        super().__init__(name="views", daemon=True)
        self._views, self._database = views, database
        self._ended = Event()

    def run(self) -> None:
        while not self._ended.wait(_SECONDS):
            self._views.write(self._database)

    def stop(self) -> None:
        """Write the rest; to be called when the last answer has been given."""
        self._ended.set()
        self.join()
        self._views.write(self._database)
