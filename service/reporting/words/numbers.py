"""Numbers as readers of a language write them; JSON, widget and badge keep the form 41362 and 99.9%."""

from decimal import Decimal
from functools import lru_cache

from babel.numbers import format_decimal, format_percent

_NONE = "–"
_NO_BREAK = "\u00a0"


@lru_cache(4096)
def number(value: int | str | None, lang: str) -> str:
    """Return a number as its readers write it: 45.253 in Vietnamese, 45,253 in English; a dash for none."""
    return _NONE if value is None else format_decimal(Decimal(value), locale=lang)


@lru_cache(4096)
def percent(text: str | None, lang: str) -> str:
    """Return a percentage of an answer ("95.5") as its readers write it, with all its decimals: 95,5 %, or 95.5%."""
    if text is None:
        return _NONE
    decimals = "0" * len(text.partition(".")[2])
    pattern = f"#,##0{'.' if decimals else ''}{decimals}{'' if lang == 'en' else _NO_BREAK}%"
    return format_percent(Decimal(text) / 100, format=pattern, locale=lang)
