"""What one dossier adds to the tallies."""

from datetime import date, datetime
from typing import Protocol

from service.domain.calendar.local_time import local_day
from service.domain.dossier.statuses import Channel

RECEIVED_FLOW: dict[int, str] = {channel: f"received_{channel.api_name}" for channel in Channel}


class TalliedDossier(Protocol):
    """What a dossier's flows follow from, on a stored row as on a fresh standing."""

    @property
    def channel(self) -> int: ...
    @property
    def received_at(self) -> datetime | None: ...
    @property
    def ended_at(self) -> datetime | None: ...
    @property
    def outcome(self) -> str | None: ...
    @property
    def reception_limit(self) -> datetime | None: ...


def flows(dossier: TalliedDossier) -> list[tuple[date, str]]:
    """Return what a dossier adds to the tallies: each flow with its local day.

    The one definition of a dossier's contribution: ingest and the verification both use it.
    """
    if dossier.received_at is None:
        return []
    day = local_day(dossier.received_at)
    found = [(day, RECEIVED_FLOW[dossier.channel])]
    if dossier.reception_limit is not None:
        found.append((day, "reception_late"))
    if dossier.outcome is not None and dossier.ended_at is not None:
        found.append((local_day(dossier.ended_at), dossier.outcome))
    return found
