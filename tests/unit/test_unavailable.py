"""What a database says while it comes and goes is known, so that a push is told to come again."""

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from service.store.engines.unavailable import reason_of


@pytest.mark.parametrize(
    "said",
    [
        "FATAL:  the database system is starting up",
        "FATAL:  the database system is not yet accepting connections\nDETAIL:  Consistent recovery",
        "FATAL:  the database system is in recovery mode",
        "FATAL:  the database system is shutting down",
        "FATAL:  terminating connection due to administrator command",
    ],
)
def test_a_server_that_starts_or_stops_is_known(said: str) -> None:
    reason = reason_of(OperationalError(None, None, psycopg.OperationalError(said)))
    assert reason is not None and reason.name == "starting"
