"""Refusals that the caller can mend, all of one base: CallerError.

Whoever refuses raises one of the kinds; the web (http/problems.py) and the commands
(cli/common.py) each translate the base once.
"""

from collections.abc import Mapping


class CallerError(Exception):
    """A refusal that the caller can mend: what is wrong and what to do, with messages by field."""

    def __init__(self, message: str, errors: Mapping[str, list[str]] | None = None) -> None:
        super().__init__(message)
        self.errors = dict(errors) if errors is not None else None


class BadQuestion(CallerError):
    """A question that cannot be asked."""


class NotFound(CallerError):
    """What was asked for is not known here."""


class BadData(CallerError):
    """Data that cannot be taken."""


class Unauthenticated(CallerError):
    """A key that is none, or no longer one."""


class Forbidden(CallerError):
    """Something that the caller, who is known, may not do."""


class Unavailable(CallerError):
    """Something that the service needs cannot be worked with; an operator can mend it."""


def in_one_line(errors: Mapping[str, list[str]]) -> str:
    """Return messages by field as one line: the field, then what is wrong with it."""
    return "; ".join(f"{field}: {' '.join(messages)}" for field, messages in errors.items())
