"""Who sends: a source and the key it showed. The key is checked once more while the source is locked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

from sqlalchemy.orm import Session

from models.sources import Source
from service.domain.errors import Unavailable
from service.store import sources
from service.store.access import keys
from service.store.database import REQUEST_LOCK_SECONDS, wait_for_locks

OUTSIDE = "Khóa của nguồn này chỉ dùng cho đơn vị {top} và cấp dưới (this source may only speak for {top} and below)"
TOO_MANY_UNITS = "Chưa có đơn vị này, và đã quá nhiều đơn vị chưa được nhập danh mục (unknown; import the units first)"
LONGEST = 600.0
"""Seconds that a request may take: a million records take a minute or two."""
_AT_FIRST, _A_RECORD = 5.0, 0.002


@dataclass
class Allowance:
    """The time of a request: 5 s to begin with, and 2 ms for each record. It is counted anew once the lock is held.

    began: None until something was read. records: those that were read; a wrong one counts as a quarter.
    """

    began: float | None = None
    records: float = 0

    def go_on(self) -> None:
        """Go on; Unavailable when the request takes too long for so many records."""
        self.began = self.began or monotonic()
        seconds = min(LONGEST, _AT_FIRST + self.records * _A_RECORD)
        if monotonic() > self.began + seconds:
            what = f"Quá {seconds:.0f} giây; chưa lưu gì. Hãy thử lại hoặc chia nhỏ"
            raise Unavailable(f"{what} (too long; nothing is stored: try again, or split it)")


@dataclass(frozen=True)
class Sender:
    """Who sends, and under which request; both are stored with every version.

    key_id: the key that was shown, None for an operator. scope: the right that is used. dry_run: nothing is stored.
    requests: when requests are filed together, their ids by the code of the dossier that each speaks of. turn_seconds:
    how long it waits for its source's lock, if it is called again later; other locks are waited for as ever. came_at:
    orders pushes that are filed together.
    """

    source_id: int
    request_id: str
    key_id: str | None = None
    scope: str = "push"
    dry_run: bool = False
    requests: Mapping[str, str] = field(default_factory=dict)
    allowed: Allowance = field(default_factory=Allowance)
    turn_seconds: float | None = None
    came_at: float = 0.0

    def go_on(self) -> None:
        """Look at the time that is left; an operator has all the time."""
        if self.key_id is not None:
            self.allowed.go_on()

    @property
    def lock_seconds(self) -> float | None:
        """Return how long a request waits for locks; None for an operator: as long as the database allows."""
        return None if self.key_id is None else self.turn_seconds or REQUEST_LOCK_SECONDS


def begin(session: Session, sender: Sender, clock: Callable[[], datetime]) -> tuple[Source, datetime]:
    """Lock the source, and only then read the clock, so that what is filed later became known later.

    A key that was withdrawn while the request waited is refused. The lock keeps keys from being withdrawn meanwhile.
    A dry run files nothing, so it needs no lock.
    """
    get_source = sources.by_id if sender.dry_run else sources.lock_for_push
    source, now = get_source(session, sender.source_id), clock()
    sender.allowed.began = monotonic()
    if sender.turn_seconds:
        wait_for_locks(session, REQUEST_LOCK_SECONDS)
    if sender.key_id is not None:
        keys.permit_again(source, sender.key_id, sender.scope, now)
    return source, now
