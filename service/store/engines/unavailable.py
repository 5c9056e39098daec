"""Why a database cannot be used: one line for operators, with what to do; the password is never shown."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from service.database_url import shown
from service.domain.errors import CallerError, Unavailable
from service.domain.json_beside import json_beside


class Reason(NamedTuple):
    """A cause, recognised by a pattern in a driver's message: its name in logs and metrics, and what to do."""

    name: str
    pattern: str
    advice: str


REASON = {known["name"]: Reason(**known) for known in json_beside(__file__)}
"""The causes that are known, by name; the first whose pattern is in the message counts."""


def reason_of(error: Exception) -> Reason | None:
    """Return the cause of an error of database or disk; None for a bug, or a refusal, which may repeat a question."""
    if isinstance(error, CallerError):
        return None
    text = _message(error)
    told = next((reason for reason in REASON.values() if re.search(reason.pattern, text)), None)
    full = told is REASON["disk_full"]
    folder = tempfile.tempdir
    of_a_temporary_file = isinstance(error, OSError) and folder and str(error.filename).startswith(folder)
    return REASON["temporary_files"] if of_a_temporary_file and not full else told


def explain(error: SQLAlchemyError, url: URL) -> str:
    """Return one line for an operator: which setting, which database, what is wrong, what to do."""
    reason = reason_of(error)
    advice = reason.advice if reason else f"không dùng được (cannot be used): {first_line(error)}"
    return f"DATABASE_URL ({shown(url)}): {advice}"


@contextmanager
def explained(url: URL) -> Iterator[None]:
    """Turn an error of database or disk into one line (Unavailable); a bug keeps its traceback."""
    try:
        yield
    except OSError as error:
        reason = reason_of(error)
        if reason not in (REASON["temporary_files"], REASON["disk_full"]):
            raise
        raise Unavailable(f"{reason.advice}: {error}") from None
    except SQLAlchemyError as error:
        if reason_of(error) is None and not isinstance(error, OperationalError):
            raise
        raise Unavailable(explain(error, url)) from None


def _message(error: Exception) -> str:
    original = error.orig if isinstance(error, DBAPIError) else error
    return f"{type(original).__name__}: {original}"


def first_line(error: Exception) -> str:
    """Return the first line of an error's message, for a log."""
    return _message(error).strip().splitlines()[0][:200]
