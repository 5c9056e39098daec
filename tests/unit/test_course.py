"""The course of a dossier: what one more version costs."""

from itertools import count

import pytest

from service.domain.dossier.progress import apply_steps
from service.ingest import dossier_course
from tests.support.june import version
from tests.support.resolving import resolve


def test_a_version_that_takes_the_place_of_the_last_needs_no_second_look_at_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Three hundred corrections with the `changed_at` of the last of 6,000 versions took a minute."""
    looks = count()

    def counted(*arguments: object) -> object:
        next(looks)
        return apply_steps(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(dossier_course, "apply_steps", counted)
    many = [version(4, f"5 08:{minute:02d}", due="10") for minute in range(60)]
    corrections = [
        version(4, "6 08:00", due="10", channel=1 + number % 3, known=f"7 {number:02d}:00") for number in range(20)
    ]
    resolve([*many, *corrections])
    assert next(looks) <= 2 * (len(many) + len(corrections))
