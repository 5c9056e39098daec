"""Exact percentages: integers in, text out, half up, with honest ends.

No binary float takes part: 1/8 at no decimals is 13, and 1/16 at one decimal is 6.3. With honest ends 100 is printed
only when numerator = denominator, and 0 only when the numerator is 0; otherwise 99.9 or 0.1 is printed.
"""

from fractions import Fraction


def _text(units: int, decimals: int) -> str:
    if decimals == 0:
        return str(units)
    whole, rest = divmod(units, 10**decimals)
    return f"{whole}.{rest:0{decimals}d}"


def scaled(numerator: int, denominator: int, scale: int, decimals: int, honest_ends: bool) -> str | None:
    """Return scale × numerator/denominator, rounded half up to `decimals`.

    None when the denominator is 0: such a ratio has no value, neither 0 nor 100. Values above
    `scale` are printed as they are.
    """
    if denominator == 0:
        return None
    if numerator < 0 or denominator < 0:
        raise ValueError("a ratio of counts is never negative")
    full = scale * 10**decimals
    steps = (2 * full * numerator + denominator) // (2 * denominator)
    if honest_ends:
        if numerator < denominator:
            steps = min(steps, full - 1)
        if numerator > denominator:
            steps = max(steps, full)
        if numerator > 0:
            steps = max(steps, 1)
    return _text(steps, decimals)


def half_up(value: Fraction, decimals: int) -> str:
    """Return a signed number as text, rounded half away from zero; a number that rounds to 0 has no sign."""
    steps = (2 * abs(value.numerator) * 10**decimals + value.denominator) // (2 * value.denominator)
    return ("-" if value < 0 and steps else "") + _text(steps, decimals)


def ratio(numerator: int, denominator: int) -> float | None:
    """Return a ratio as a float for programs that draw graphs, or None for x/0; never printed."""
    return numerator / denominator if denominator else None


def percent(numerator: int, denominator: int, decimals: int = 1, honest_ends: bool = True) -> str | None:
    """Return a ratio as a percentage with exactly `decimals` decimals, or None for x/0."""
    return scaled(numerator, denominator, 100, decimals, honest_ends)


def score(numerator: int, denominator: int, points: int = 20, honest_ends: bool = True) -> str | None:
    """Return a ratio as points (Decision 766/QĐ-TTg: 20 for timeliness), with two decimals."""
    return scaled(numerator, denominator, points, 2, honest_ends)


def exact(numerator: int | None, denominator: int | None) -> Fraction | None:
    """Return a ratio to sort by, or None for x/0 and for unknown counts: percentages that look alike may differ."""
    return Fraction(numerator, denominator) if numerator is not None and denominator else None
