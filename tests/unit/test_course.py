"""The course of a dossier: what one more version costs, and that its walk can be stopped."""

from collections import Counter
from collections.abc import Iterable
from itertools import chain

import pytest

from service.domain.dossier.versions import Version
from service.domain.errors import BadData
from service.ingest.known_dossier import KnownDossier
from tests.support.june import version
from tests.support.resolving import resolver

MANY = [version(4, f"5 08:{minute:02d}", due="10") for minute in range(60)]
CORRECTIONS = [
    version(4, "6 08:00", due="10", channel=1 + number % 3, known=f"7 {number:02d}:00") for number in range(20)
]
STALE = [version(4, f"4 08:{minute:02d}", due="10") for minute in range(60)]
MOVING = [version(4, f"5 08:{minute:02d}", due="10", unit_code=f"H23.{minute % 2}") for minute in range(60)]


def versions_looked_at(filed: Iterable[Version]) -> int:
    looks = Counter[str]()
    known, deciding = KnownDossier(), resolver(go_on=lambda: looks.update("a"))
    for one in filed:
        deciding.snapshot(known, one)
    deciding.work_out_if_needed(known)
    return looks["a"]


@pytest.mark.parametrize(
    "filed",
    [
        [*MANY, *CORRECTIONS],  # three hundred with the `changed_at` of the last of 6,000 versions took a minute
        [*MANY, *STALE],
        list(chain.from_iterable(zip(MANY, STALE, strict=True))),
        MOVING,
    ],
    ids=["corrections of the last version", "stale ones", "winning and stale ones in turns", "two units in turns"],
)
def test_each_of_many_versions_is_looked_at_twice_at_most(filed: list[Version]) -> None:
    assert versions_looked_at(filed) <= 2 * len(filed)


def test_a_walk_through_many_versions_is_stopped_where_the_request_takes_too_long() -> None:
    known, deciding = KnownDossier(), resolver()
    for one in MANY:
        deciding.snapshot(known, one)
    reloaded, left = KnownDossier(known.row, known.filed), iter(range(10))

    def go_on() -> None:
        if next(left, None) is None:
            raise BadData("too long")

    with pytest.raises(BadData):
        resolver(go_on=go_on).snapshot(reloaded, CORRECTIONS[0])
