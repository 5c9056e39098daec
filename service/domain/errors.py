"""Refusals that the caller is told, all of one base: CallerError.

The web (http/problems.py) and the commands (cli/common.py) each translate the base once.
"""

from collections.abc import Mapping


class CallerError(Exception):
    """A refusal: what is wrong and what to do; errors: messages by field."""

    def __init__(self, message: str, errors: Mapping[str, list[str]] | None = None) -> None:
        super().__init__(message)
        self.errors = dict(errors) if errors is not None else None


class BadQuestion(CallerError):
    """A question that cannot be asked."""


class NotFound(CallerError):
    """The unit, source, dossier or procedure that was asked for is not known here."""


class BadData(CallerError):
    """Data that cannot be taken."""


class Unauthenticated(CallerError):
    """A key that is missing, unknown, withdrawn or expired."""


class Forbidden(CallerError):
    """A right key that does not allow this."""


class Unavailable(CallerError):
    """It cannot be done now: database or disk cannot be used (an operator can mend it), or it takes too long."""


def in_one_line(errors: Mapping[str, list[str]]) -> str:
    """Return messages by field as one line: "code: too long; status: unknown"."""
    return "; ".join(f"{field}: {' '.join(messages)}" for field, messages in errors.items())
