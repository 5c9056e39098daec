"""The tallies against what the dossiers say."""

from sqlalchemy.orm import Session

from service.ingest import tally_recount


def differences(session: Session) -> list[str]:
    """Return a line for everything that differs from what the dossiers say."""
    return [line for part in tally_recount.recount(session) for line in part.lines()]
