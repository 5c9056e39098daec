"""Words of one-stop software for statuses and channels; operators add their own (TTHC_REGISTER_WORDS)."""

import csv
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from service.domain.dossier.statuses import BY_API_NAME, CHANNELS_VI, NAMES_VI
from service.domain.vietnamese_text import search_key

_MORE: Mapping[str, Mapping[str, list[str]]] = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
"""Other words for statuses and channels, by national code."""

_HOW_IN_TIME = re.compile(
    r"\s*[-,(]?\s*(dung han|truoc han|som han|tre han|qua han|trong han|chua den han|dung va truoc han|sap den han)\)?$"
)
"""`Đã giải quyết đúng hạn` says a status and an outcome; the outcome is judged here, from the dates."""
_CODE = re.compile(r"\d\d?", re.ASCII)


class BadWords(ValueError):
    """Words of the operator that cannot be taken; the text names the line."""


@dataclass(frozen=True, slots=True)
class StatusWords:
    """The national codes that words stand for, without case and marks."""

    statuses: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)

    def status(self, word: str) -> str:
        """Return a status as the API takes it; a word that is not known as it is, to be refused."""
        key = search_key(word)
        return self.statuses.get(key) or self.statuses.get(_HOW_IN_TIME.sub("", key)) or word.lower()

    def channel(self, word: str) -> str:
        """Return a channel as the API takes it."""
        return self.channels.get(search_key(word)) or word.lower()

    def is_status(self, word: str) -> bool:
        """Say whether a word stands for a status."""
        return bool(word) and self.status(word) in {*BY_API_NAME, *map(str, range(1, 11))}


def status_words(more: str = "") -> StatusWords:
    """Return the words that are known, with the operator's lines: `status;Đang chờ bổ sung;5`.

    BadWords names a line that cannot be taken.
    """
    statuses, channels = _in_words(NAMES_VI, _MORE["statuses"]), _in_words(CHANNELS_VI, _MORE["channels"])
    kinds = {"status": (statuses, NAMES_VI), "trang thai": (statuses, NAMES_VI),
             "channel": (channels, CHANNELS_VI), "kenh": (channels, CHANNELS_VI)}  # fmt: skip
    for number, line in enumerate(more.lstrip("\ufeff").splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        cells = [cell.strip() for cell in next(csv.reader([line], delimiter=";" if ";" in line else ","))]
        known = kinds.get(search_key(cells[0]))
        if (
            len(cells) != 3
            or known is None
            or not cells[1]
            or not _CODE.fullmatch(cells[2])
            or int(cells[2]) not in known[1]
        ):
            raise BadWords(
                f"line {number}: write status;WORD;CODE (1 to 10) or channel;WORD;CODE (1 to 3)"
                f" / dòng {number}: viết status;TỪ;MÃ hoặc channel;TỪ;MÃ"
            )
        known[0][search_key(cells[1])] = cells[2]
    return StatusWords(statuses, channels)


def _in_words(names: Mapping[int, str], more: Mapping[str, list[str]]) -> dict[str, str]:
    return {search_key(word): str(int(code)) for code, name in names.items() for word in (name, *more[str(int(code))])}


def _accepted(names: Mapping[int, str], what: str) -> str:
    words = ", ".join(f"{name} ({int(code)})" for code, name in names.items())
    return (
        f"Không có trong danh mục; dùng một trong: {words}. Từ riêng của phần mềm thì nhờ quản trị thêm vào"
        f" TTHC_REGISTER_WORDS (unknown {what}: use one of these words or codes; operators can add words)"
    )


UNKNOWN_STATUS = _accepted(NAMES_VI, "status")
UNKNOWN_CHANNEL = _accepted(CHANNELS_VI, "channel")
