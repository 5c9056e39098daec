"""The versions of the slow recount: which records of a dossier count, in which order, and what follows from all."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import dropwhile
from typing import Any

from service.domain.calendar.local_time import day_start, local_day

STATUS = {
    "submitted": 1, "received": 2, "refused": 3, "processing": 4, "awaiting_supplement": 5,
    "awaiting_payment": 6, "withdrawn": 7, "stopped": 8, "resolved": 9, "returned": 10,
}  # fmt: skip

CLOSED = (3, 7, 8, 9, 10)
LIFECYCLE = {1: 0, 3: 1, 2: 2, 4: 3, 5: 4, 6: 4, 8: 5, 7: 6, 9: 7, 10: 8}


@dataclass(frozen=True)
class Push:
    """One record, and the moment at which it became known."""

    record: dict[str, Any]
    known_at: datetime


def moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    return day_start(date.fromisoformat(text)) if len(text) == 10 else datetime.fromisoformat(text).astimezone(UTC)


def certain(value: datetime | None) -> datetime:
    assert value is not None
    return value


def status_of(record: dict[str, Any]) -> int:
    given = record["status"]
    return STATUS[given] if isinstance(given, str) else int(given)


def changed_of(push: Push) -> datetime | None:
    """One more than a day ahead of the clock is treated as absent."""
    given = moment(push.record.get("changed_at"))
    return None if given is None or given > push.known_at + timedelta(days=1) else given


def since_deleted(pushes: list[Push]) -> list[Push]:
    """Return what was filed after the source last deleted the dossier, from a record on: steps alone are refused."""
    deleted = [place for place, push in enumerate(pushes) if push.record.get("deleted")]
    left = pushes[deleted[-1] + 1 :] if deleted else pushes
    return list(dropwhile(lambda push: "step" in push.record, left))


def versions(pushes: Iterable[Push]) -> list[Push]:
    """Put what made the state of one dossier in order, one version a moment; `pushes` is in order of filing."""
    filed: list[Push] = []
    for push in pushes:
        if "step" in push.record:
            continue
        same = [old for old in filed if _state_sent(old) == _state_sent(push)]
        if filed and _state_sent(winners(filed)[-1]) == _state_sent(push):
            continue
        if same and changed_of(push):
            continue  # a repeated request takes nothing back
        filed.append(push)
    return winners(filed)


def _state_sent(push: Push) -> dict[str, Any]:
    return push.record | {"changed_at": changed_of(push)}


def happened(push: Push) -> datetime:
    return changed_of(push) or push.known_at


def is_midnight(at: datetime) -> bool:
    return at == day_start(local_day(at))


def winners(filed: list[Push]) -> list[Push]:
    """Of those with one moment the latest in life, then the last filed; of bare dates the last filed."""
    by_moment: dict[datetime, list[tuple[int, int, Push]]] = {}
    for number, push in enumerate(filed):
        life = 0 if is_midnight(happened(push)) else LIFECYCLE[status_of(push.record)]
        by_moment.setdefault(happened(push), []).append((life, number, push))
    return [max(by_moment[at], key=lambda one: one[:2])[2] for at in sorted(by_moment)]


def alike(status: int) -> int:
    return {2: 4, 10: 9}.get(status, status)


def run_of(own: list[Push]) -> list[Push]:
    """Return the last versions of one status; 2 and 4 are one status here, and 9 and 10."""
    last = status_of(own[-1].record)
    run: list[Push] = []
    for push in reversed(own):
        if alike(status_of(push.record)) != alike(last):
            break
        run.insert(0, push)
    return run


def told_by_statuses(own: list[Push]) -> list[tuple[datetime, datetime | None]]:
    """Return the pauses that only statuses tell: each run of 5 and 6, up to the next version of another status.

    One that closes the dossier for good leaves its end to the dossier's own.
    """
    intervals: list[tuple[datetime, datetime | None]] = []
    since: datetime | None = None
    for place, push in enumerate(own):
        if status_of(push.record) in (5, 6):
            since = since or happened(push)
        elif since is not None:
            for_good = all(_is_closed(later) for later in own[place:])
            intervals.append((since, None if for_good else happened(push)))
            since = None
    return intervals if since is None else [*intervals, (since, None)]


def _is_closed(push: Push) -> bool:
    return status_of(push.record) in CLOSED
