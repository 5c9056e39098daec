"""Find new dossiers that may be earlier ones sent again under another code.

The sign: the same source, unit, procedure and moment of receipt, known before this request. What comes
in one request is many dossiers, not one: it says nothing. A receipt at midnight is a bare date, and a
moment may be shared by a crowd: they say nothing either. An unfinished earlier dossier is found by its
receipt; a finished one only by a new one that ended at the same moment, as a sender does who sends its
history anew. So no index beyond those of counting is needed. Not found: a finished dossier that comes
back unfinished.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from models.filing import DossierRow
from models.twins import Clue, with_twin
from service.domain.localtime import day_start, local_day


def recoded_among(session: Session, source_id: int, now: datetime, new: Mapping[str, DossierRow]) -> set[str]:
    """Return the codes of the new dossiers that have a twin; `now` is when this request became known."""
    clues = {code: clue for code, row in new.items() if (clue := _clue(row))}
    found = with_twin(session, source_id, now, set(clues.values())) if clues else set()
    return {code for code, clue in clues.items() if clue in found}


def _clue(row: DossierRow) -> Clue | None:
    received_at = row.received_at
    if received_at is None or received_at == day_start(local_day(received_at)):
        return None
    return Clue(row.unit_code, row.procedure_code, received_at, row.span, row.ended_at)
