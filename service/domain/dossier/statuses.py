"""The ten national statuses (trạng thái hồ sơ) and what each means for counting.

Source: the national portal's sync format; states as in docs/definitions.md.
"""

from enum import IntEnum

from service.domain.json_beside import json_beside


class Status(IntEnum):
    """The national code of a status; the API name is its lower-case name."""

    SUBMITTED = 1
    RECEIVED = 2
    REFUSED = 3
    PROCESSING = 4
    AWAITING_SUPPLEMENT = 5
    AWAITING_PAYMENT = 6
    WITHDRAWN = 7
    STOPPED = 8
    RESOLVED = 9
    RETURNED = 10

    @property
    def api_name(self) -> str:
        return self.name.lower()


_NAMES = json_beside(__file__)
NAMES_VI: dict[int, str] = {Status[name.upper()]: vietnamese for name, vietnamese in _NAMES.items()}

BY_API_NAME: dict[str, Status] = {status.api_name: status for status in Status}
NEEDS_RECEIPT = frozenset({2, 4, 5, 6, 9, 10})
"""Statuses that cannot be counted without `received_at`."""

PAUSED = frozenset({Status.AWAITING_SUPPLEMENT, Status.AWAITING_PAYMENT})
CLOSED = frozenset({Status.WITHDRAWN, Status.STOPPED, Status.RESOLVED, Status.RETURNED})
ENDED = CLOSED | {Status.REFUSED}
NEVER_COUNTED = frozenset({Status.SUBMITTED, Status.REFUSED})
WORKED_ON = frozenset({Status.RECEIVED, Status.PROCESSING})
UNDER_WAY = WORKED_ON | PAUSED
LIFECYCLE_ORDER: dict[int, int] = {1: 0, 3: 1, 2: 2, 4: 3, 5: 4, 6: 4, 8: 5, 7: 6, 9: 7, 10: 8}
"""Statuses by how late they come in a dossier's life: of two events of one moment, the later one wins."""


class Channel(IntEnum):
    """How a dossier was handed in (kênh thực hiện), with the national code."""

    DIRECT = 1
    ONLINE = 2
    POSTAL = 3

    @property
    def api_name(self) -> str:
        return self.name.lower()


CHANNELS_VI: dict[int, str] = {1: "Trực tiếp", 2: "Trực tuyến", 3: "Bưu chính công ích"}
CHANNEL_BY_NAME: dict[str, Channel] = {channel.api_name: channel for channel in Channel}
