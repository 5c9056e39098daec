"""Coverage as plain values and in words, for every rendering of an answer."""

from typing import Any

from service.domain.statistics.coverage import UnitCoverage

_SILENT = {"vi": "{}/{} đơn vị chưa gửi số liệu", "en": "{}/{} units have not sent data"}


def coverage_json(coverage: UnitCoverage) -> dict[str, Any]:
    """Return expected, heard, the codes of the silent units, and their share of the usual volume."""
    return {
        "expected": coverage.expected,
        "heard": coverage.heard,
        "silent": list(coverage.silent),
        "usual_share": coverage.usual_share,
    }


def coverage_text(coverage: UnitCoverage, lang: str) -> dict[str, str]:
    """Return the line about silent units, if there are any; if much is missing, also as `rate_note` beside the rate."""
    if not coverage.silent:
        return {}
    line = _SILENT[lang].format(len(coverage.silent), coverage.expected)
    return {"coverage": line, **({"rate_note": line} if coverage.low else {})}
