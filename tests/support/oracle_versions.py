"""The versions of the slow recount: which records of a dossier count, in which order, and what follows from all."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from service.domain.calendar.local_time import day_start, local_day

STATUS = {
    "submitted": 1, "received": 2, "refused": 3, "processing": 4, "awaiting_supplement": 5,
    "awaiting_payment": 6, "withdrawn": 7, "stopped": 8, "resolved": 9, "returned": 10,
}  # fmt: skip

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
    """Return what was filed after the source last deleted the dossier: nothing else makes its state."""
    deleted = [place for place, push in enumerate(pushes) if push.record.get("deleted")]
    return pushes[deleted[-1] + 1 :] if deleted else pushes


def versions(pushes: Iterable[Push]) -> list[Push]:
    """Put what made the state of one dossier in order, one version a moment; `pushes` is in order of filing."""
    filed: list[Push] = []
    for push in pushes:
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


def run_of(own: list[Push]) -> list[Push]:
    """Return the last versions of one status; 2 and 4 are one status here, and 9 and 10."""
    alike = {2: 4, 10: 9}
    last = status_of(own[-1].record)
    found: list[Push] = []
    for push in reversed(own):
        status = status_of(push.record)
        if alike.get(status, status) != alike.get(last, last):
            break
        found.insert(0, push)
    return found


def end_of(own: list[Push]) -> tuple[datetime | None, bool]:
    """Return when a closed dossier ended, and whether that was told."""
    record, run = own[-1].record, run_of(own)
    if moment(record.get("finished_at")):
        return moment(record["finished_at"]), True
    nines = [push for push in run if status_of(push.record) == 9]
    if nines and changed_of(nines[0]):
        return changed_of(nines[0]), True
    returned = moment(record.get("returned_at"))
    if returned:
        silent = nines and not nines[0].record.get("finished_at") and not nines[0].record.get("returned_at")
        if silent and nines[0].known_at < returned and local_day(nines[0].known_at) < local_day(returned):
            return nines[0].known_at, False
        if silent and nines[0].known_at < returned and not is_midnight(returned):
            return nines[0].known_at, False
        return returned, True
    return happened(run[0]), changed_of(run[0]) is not None


def worked_on_again(start: datetime, own: list[Push]) -> datetime:
    """Return when a pause ended that was left open under 2 or 4; at its start, so never, when nothing tells."""
    later = [happened(push) for push in run_of(own) if happened(push) >= start]
    return later[0] if later else start


def told_by_statuses(own: list[Push]) -> list[tuple[datetime, datetime | None]]:
    """Return the pauses that only statuses tell: each run of 5 and 6, up to the next version of another status.

    One that closes the dossier for good leaves its end to the dossier's own.
    """
    found: list[tuple[datetime, datetime | None]] = []
    since: datetime | None = None
    for place, push in enumerate(own):
        if status_of(push.record) in (5, 6):
            since = since or happened(push)
        elif since is not None:
            for_good = all(_is_closed(later) for later in own[place:])
            found.append((since, None if for_good else happened(push)))
            since = None
    return found if since is None else [*found, (since, None)]


def _is_closed(push: Push) -> bool:
    return status_of(push.record) in (3, 7, 8, 9, 10)


def requests(
    given: list[tuple[datetime, datetime | None]], status: int, since: datetime,
    end: datetime | None, received: datetime | None,
) -> list[tuple[datetime, datetime | None]]:  # fmt: skip
    """Return the requests, as [start, end): what overlaps or touches is one."""
    far = datetime(2200, 1, 1, tzinfo=UTC)
    last = max(end, received) if end and received else end
    spans = [(start, stop or (last if last else far)) for start, stop in given]
    found: list[list[datetime]] = []
    for start, stop in sorted(span for span in spans if span[1] > span[0]):
        if found and start <= found[-1][1]:
            found[-1][1] = max(found[-1][1], stop)
        else:
            found.append([start, stop])
    if status in (5, 6):
        if found and found[-1][1] >= since:
            found[-1][1] = far
        else:
            found.append([since, far])
    return [(start, None if stop == far else stop) for start, stop in found]
