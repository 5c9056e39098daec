"""The words of pages, in Vietnamese first; lines that the widget also shows come from schemas.answers."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from service.domain.statistics.counts import Counts
from service.domain.statistics.formulas import Formula, Ratio

COUNTS: Mapping[str, tuple[str, str]] = {
    "carried_over": ("tồn kỳ trước", "carried over"),
    "received": ("tiếp nhận trong kỳ", "received"),
    "workload": ("số hồ sơ xử lý", "workload"),
    "early": ("trước hạn", "early"),
    "on_time": ("đúng hạn", "on time"),
    "early_or_on_time": ("trước và đúng hạn", "early and on time"),
    "late": ("trễ hạn", "late"),
    "no_deadline": ("không có hạn trả", "without a deadline"),
    "resolved": ("đã giải quyết", "resolved"),
    "withdrawn": ("công dân rút", "withdrawn"),
    "stopped": ("dừng xử lý", "stopped"),
    "open_in_time": ("đang xử lý trong hạn", "open in time"),
    "open_overdue": ("đang xử lý quá hạn", "open overdue"),
    "paused": ("tạm dừng", "paused"),
    "paused_in_time": ("tạm dừng trong hạn", "paused in time"),
    "paused_overdue": ("tạm dừng quá hạn", "paused overdue"),
    "in_progress": ("đang giải quyết", "in progress"),
}

CHANNELS_EN = {"direct": "In person", "online": "Online", "postal": "By post"}

RATES = {
    "on_time": ("Tỷ lệ đúng hạn", "On-time rate"),
    "late": ("Tỷ lệ trễ hạn", "Late rate"),
    "resolved": ("Tỷ lệ đã giải quyết", "Completion rate"),
}

Say = Callable[[str, str], str]


def in_language(lang: str) -> Say:
    """Return the function by which templates choose between Vietnamese and English."""
    return lambda vi, en: en if lang == "en" else vi


@dataclass(frozen=True)
class Worked:
    """One side of a ratio as a reader can check it: words with their numbers, and the sum."""

    text: str
    total: int


def worked(ratio: Ratio, counts: Counts, lang: str) -> tuple[Worked, Worked]:
    """Put a ratio's numerator and denominator into words with the numbers behind them."""
    return (
        Worked(_spelled(ratio.numerator_text, counts, lang), ratio.numerator(counts)),
        Worked(_spelled(ratio.denominator_text, counts, lang), ratio.denominator(counts)),
    )


def _spelled(expression: str, counts: Counts, lang: str) -> str:
    numbers = counts.as_dict()

    def spell(match: re.Match[str]) -> str:
        return f"{COUNTS[match[0]][lang == 'en']} {numbers[match[0]]}"

    return re.sub(r"[a-z_]+", spell, expression).replace(" - ", " − ")


def title_of(formula: Formula, lang: str) -> str:
    """Return a formula's title."""
    return formula.title_en if lang == "en" else formula.title_vi


def explanation_of(formula: Formula, lang: str) -> str:
    """Return a formula's explanation."""
    return formula.explanation_en if lang == "en" else formula.explanation_vi
