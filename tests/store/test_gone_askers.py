"""A statement ends when nobody waits for its answer any more; the connection is as good as before."""

from threading import Event, Timer
from time import monotonic

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from service.store.database import Database
from service.store.engines.askers import asked_by
from service.store.engines.unavailable import reason_of

SLOW = {
    True: "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT count(*) FROM n",
    False: "SELECT pg_sleep(14)",
}


def test_a_statement_ends_when_its_client_hangs_up(database: Database) -> None:
    gone, began = Event(), monotonic()
    Timer(0.3, gone.set).start()
    with asked_by(gone), pytest.raises(OperationalError) as error, database.reading() as session:
        session.execute(text(SLOW[database.is_sqlite]))
    assert (monotonic() - began < 12, reason_of(error.value) is not None) == (True, True)
    with database.reading() as session:
        assert session.scalar(text("SELECT 1")) == 1
    assert database.engine.pool.checkedin() == 1  # type: ignore[attr-defined]
