"""Jobs of the night."""

import logging

from service.http.context import Service
from service.usecases import verification

_log = logging.getLogger("tthc.jobs")


def verify_tallies(service: Service) -> None:
    """Recount the tallies from the dossiers, and report how many rows are off."""
    with service.database.reading() as session:
        differences = verification.verify(session)
    if differences:
        _log.error("tally rows off: %d, first: %s", len(differences), differences[0])
    else:
        _log.info("tallies agree with the dossiers")
