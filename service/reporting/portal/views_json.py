"""Views as plain values."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from service.domain.calendar.local_time import local_iso
from service.domain.statistics.questions import UnknownUnit
from service.domain.units import as_asked
from service.store import catalogue
from service.store.statistics.views import views_of

_NAMES = {"now": "minute", "today": "day", "month": "month", "all": "all"}
"""The names of an answer, with the store's names."""


def views_json(session: Session, unit: str, now: datetime) -> dict[str, Any]:
    """Return how often a unit's widget was seen, how often its page, and both together."""
    known = catalogue.unit_tree(session).units.get(as_asked(unit))
    if known is None:
        raise UnknownUnit(unit)
    seen = views_of(session, known.code, now)
    kinds = {kind: {name: seen[kind][span] for name, span in _NAMES.items()} for kind in ("widget", "page")}
    together = {name: sum(views[name] for views in kinds.values()) for name in _NAMES}
    return {"unit": {"code": known.code, "name": known.name}, "as_of": local_iso(now), **kinds, "total": together}
