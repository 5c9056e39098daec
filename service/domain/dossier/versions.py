"""The versions of one dossier: their order (docs/definitions.md, section 8), and since when it has had its status."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from itertools import islice
from operator import attrgetter
from typing import NamedTuple

from service.domain.calendar.local_time import is_bare_date
from service.domain.dossier.snapshot import ProgressStep, Snapshot
from service.domain.dossier.statuses import LIFECYCLE_ORDER, Status

_RUN_GROUP: dict[int, int] = {Status.RECEIVED: Status.PROCESSING, Status.RETURNED: Status.RESOLVED}


class Version(NamedTuple):
    """A snapshot that was filed, when it became known, and the digest of its content."""

    snapshot: Snapshot
    known_at: datetime
    digest: str = ""

    @property
    def moment(self) -> datetime:
        """Return `changed_at`, or when the snapshot became known if the sender gives none."""
        return self.snapshot.changed_at or self.known_at


class Life(NamedTuple):
    """What was filed of a dossier before its source deleted it: looked at for signs of polishing only."""

    snapshots: Sequence[Version]
    steps: Sequence[ProgressStep]
    deleted_at: datetime


def in_order(filed: Iterable[Version]) -> list[Version]:
    """Return the versions by moment; of several with one moment, the one that wins. filed: in order of filing."""
    winners: dict[datetime, Version] = {}
    for version in filed:
        rival = winners.get(version.moment)
        if rival is None or wins(version, rival):
            winners[version.moment] = version
    return [winners[moment] for moment in sorted(winners)]


def put(version: Version, ordered: list[Version]) -> None:
    """Put a version that is filed now among the versions that `in_order` gave."""
    place = bisect_left(ordered, version.moment, key=attrgetter("moment"))
    if place == len(ordered) or ordered[place].moment != version.moment:
        ordered.insert(place, version)
    elif wins(version, ordered[place]):
        ordered[place] = version


def wins(later_filed: Version, rival: Version) -> bool:
    """Say whether a version replaces its rival: a version of the same moment that was filed before."""
    if is_bare_date(later_filed.moment):
        return True
    return LIFECYCLE_ORDER[later_filed.snapshot.status] >= LIFECYCLE_ORDER[rival.snapshot.status]


def run_group(status: int) -> int:
    """Return the status that stands for all statuses of a run: 4 for 2 and 4, 9 for 9 and 10, else itself."""
    return _RUN_GROUP.get(status, status)


class Run(NamedTuple):
    """An unbroken run of versions of one status: ordered[start] to ordered[stop - 1].

    2 and 4 count as one status, and so do 9 and 10. resolved: the first version of status 9 in the run.
    """

    ordered: Sequence[Version]
    start: int
    stop: int
    resolved: Version | None

    @property
    def since(self) -> datetime:
        """Return the moment of the first version."""
        return self.ordered[self.start].moment

    @property
    def since_told(self) -> bool:
        """Say whether the first version was sent with `changed_at`; else `since` is only when it became known."""
        return self.ordered[self.start].snapshot.changed_at is not None

    def first_from(self, moment: datetime) -> datetime | None:
        """Return the moment of the first version at or after a moment, None when there is none."""
        place = bisect_left(self.ordered, moment, self.start, self.stop, key=attrgetter("moment"))
        return self.ordered[place].moment if place < self.stop else None

    @property
    def resolved_since(self) -> datetime | None:
        """Return the `changed_at` of the first version of status 9."""
        return self.resolved.snapshot.changed_at if self.resolved else None

    @property
    def resolved_known_at(self) -> datetime | None:
        """Return when the first version of status 9 became known, if it was sent without any date of an end."""
        if self.resolved is None:
            return None
        sent = self.resolved.snapshot
        return None if sent.changed_at or sent.finished_at or sent.returned_at else self.resolved.known_at


def next_run(ordered: Sequence[Version], place: int, before: Run | None) -> Run:
    """Return the run that ends with the version at `place`. before: the run that ends with the version before it."""
    status = ordered[place].snapshot.status
    goes_on = before is not None and run_group(ordered[place - 1].snapshot.status) == run_group(status)
    start, resolved = (before.start, before.resolved) if before and goes_on else (place, None)
    if resolved is None and status == Status.RESOLVED:
        resolved = ordered[place]
    return Run(ordered, start, place + 1, resolved)


def last_run(ordered: Sequence[Version]) -> Run:
    """Return the run that ends with the last version."""
    start = len(ordered) - 1
    group = run_group(ordered[start].snapshot.status)
    while start and run_group(ordered[start - 1].snapshot.status) == group:
        start -= 1
    resolved = (version for version in islice(ordered, start, None) if version.snapshot.status == Status.RESOLVED)
    return Run(ordered, start, len(ordered), next(resolved, None))


def run_of(version: Version) -> Run:
    """Return the run of a version that is looked at alone."""
    return next_run([version], 0, None)


def repeats(ordered: Sequence[Version], steps: Collection[datetime] = ()) -> list[Version]:
    """Return the versions that only repeat the one before them; the first and the last version are never among them.

    A repetition differs from the version before it in `changed_at` alone. No open pause begins between these two, and
    no progress step (steps: their moments) lies between the repetition and the version after it.
    """
    inner = zip(ordered, ordered[1:], ordered[2:], strict=False)
    return [version for before, version, after in inner if _adds_nothing(before, version, after, steps)]


def _adds_nothing(before: Version, version: Version, after: Version, steps: Collection[datetime]) -> bool:
    open_since = [pause.start for pause in version.snapshot.pauses if pause.end is None]
    if any(before.moment < start <= version.moment for start in open_since):
        return False
    return say_the_same(before, version) and not any(version.moment < step <= after.moment for step in steps)


def say_the_same(one: Version, other: Version) -> bool:
    """Say whether two versions differ in nothing but when they changed."""
    return _said(one.snapshot) == _said(other.snapshot)


_said = attrgetter(*(field.name for field in fields(Snapshot) if field.name != "changed_at"))
