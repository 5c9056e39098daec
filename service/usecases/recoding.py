"""Find new dossiers that may be earlier ones sent again under another code.

The sign: the same source, unit, procedure and moment of receipt, known before this request. What comes
in one request is many dossiers, not one: it says nothing. A receipt at midnight is a bare date, which
many share: it says nothing either. An unfinished earlier dossier is found by its receipt; a finished
one only by a new one that ended at the same moment, as a sender does who sends its history anew. So no
index beyond those of counting is needed. Not found: a finished dossier that comes back unfinished.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from models.filing import DossierRow
from models.twins import Place, Twin, twins
from service.domain.localtime import day_start, local_day


def recoded_among(session: Session, source_id: int, now: datetime, new: Mapping[str, DossierRow]) -> set[str]:
    """Return the codes of the new dossiers that have a twin; `now` is when this request became known."""
    marks = {code: twin for code, row in new.items() if (twin := _twin(row))}
    places = [place for code in marks for place in _places(new[code])]
    found = twins(session, source_id, now, places) if places else set()
    return {code for code, twin in marks.items() if twin in found}


def _twin(row: DossierRow) -> Twin | None:
    received_at = row.received_at
    if received_at is None or received_at == day_start(local_day(received_at)):
        return None
    return Twin(row.unit_code, row.procedure_code, received_at)


def _places(row: DossierRow) -> Iterator[Place]:
    assert row.received_at is not None
    yield Place(row.unit_code, None, row.received_at)
    if row.span is not None and row.ended_at is not None:
        yield Place(row.unit_code, row.span, row.ended_at)
