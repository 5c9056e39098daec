"""Texts in Vietnamese and English."""

from typing import NamedTuple


class Words(NamedTuple):
    """A text in both languages."""

    vi: str
    en: str
