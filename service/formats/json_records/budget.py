"""What reading one JSON may cost: its size, its brackets and commas, and what is read more than once."""

from dataclasses import dataclass

from service.domain.errors import BadData

MEGABYTE = 1024 * 1024
TOO_MANY = "Quá nhiều tên hoặc bản ghi trong một JSON; dùng NDJSON (too many names or records; use NDJSON)"
_AGAIN_A_RECORD, _AGAIN = 4, 400_000
"""For each record that is allowed, so many members, commas and brackets may be in values larger than a window; so many
may be in any JSON."""
_MARKS_AN_OBJECT = 100
"""An object may have so many commas and brackets on average; a national record with every field has 50."""
_FEW = 400
"""Objects that any JSON may hold."""


class TooLarge(BadData):
    """JSON over a limit; the message says over which, and what to send instead."""


@dataclass(frozen=True, slots=True)
class JsonLimits:
    """How large JSON may be that is no NDJSON, and how many records it may hold."""

    megabytes: int
    records: int


class Budget:
    """What is left of what one JSON may cost; each method raises TooLarge when it is spent."""

    def __init__(self, limits: JsonLimits) -> None:
        self._limits = limits
        self._size = self._marks = self._objects = 0
        self._again = max(_AGAIN_A_RECORD * limits.records, _AGAIN)

    def take(self, piece: bytes) -> None:
        """Count bytes that have come, before they are read."""
        self._size += len(piece)
        if self._size > (most := self._limits.megabytes) * MEGABYTE:
            raise TooLarge(f"JSON tối đa {most} MB; nhiều hồ sơ thì dùng NDJSON (over the limit; or use NDJSON)")
        self._objects += piece.count(b"{")
        self._marks += piece.count(b"{") + piece.count(b"[") + piece.count(b",")
        if self._marks > _MARKS_AN_OBJECT * max(min(self._limits.records, self._objects), _FEW):
            raise TooLarge(TOO_MANY)

    def read_again(self, text: str, first: int, after: int) -> None:
        """Count a part of the text that is read as a value now, and as a part of one before or after."""
        self.spend(1 + sum(text.count(mark, first, after) for mark in ",[{"))

    def spend(self, members: int = 1) -> None:
        """Count members of values that are larger than a window."""
        self._again -= members
        if self._again < 0:
            raise TooLarge(TOO_MANY)
