"""Random events of one dossier, in any order of arrival, repeated: the same row, the same warnings."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from models.base import EPOCH
from service.domain.dossier.lateness import Lateness
from service.domain.dossier.snapshot import ProgressStep
from service.domain.dossier.versions import Run, Version, in_order, last_run, next_run, put
from service.store.dossiers import DossierRow
from tests.support.june import june, version
from tests.support.resolving import resolve, resolve_loaded

DAYS = ("3 08:00", "4", "5 10:00", "7", "7 09:00", "9 08:00", "10", "12 08:00", "15 02:00")
day = st.sampled_from(DAYS)
maybe = st.none() | day
pauses = st.lists(st.tuples(day, maybe), max_size=2).map(
    lambda given: ", ".join(f"{start}-{end or ''}" for start, end in given) or None
)

snapshots = st.builds(
    version,
    st.sampled_from((2, 4, 4, 5, 5, 6, 7, 8, 9, 9, 10)),
    st.sampled_from([f"{number} {clock}" for number in range(4, 20) for clock in ("02:00", "16:30")]),
    due=maybe, finished=maybe, returned=maybe, pauses=pauses, unit_code=st.sampled_from(("H23", "H23.OLD", "H23.NEW")),
)  # fmt: skip

steps = st.builds(ProgressStep, day.map(june), st.sampled_from((2, 4, 5, 6, 7, 9, 9, 10)))


@st.composite
def histories(draw: st.DrawFn) -> tuple[Version, list[Version | ProgressStep]]:
    """Draw a first snapshot and later events whose moments of change differ."""
    drawn = draw(st.lists(snapshots, min_size=2, max_size=5, unique_by=lambda one: one.moment))
    return drawn[0], [*drawn[1:], *draw(st.lists(steps, max_size=3))]


@settings(max_examples=300)
@given(histories(), st.data())
def test_any_order_and_any_repetition_end_in_the_same_row(
    history: tuple[Version, list[Version | ProgressStep]], data: Any
) -> None:
    first, rest = history
    shuffled = data.draw(st.permutations(rest + data.draw(st.lists(st.sampled_from([first, *rest]), max_size=3))))
    once, other = resolve([first, *rest])[0], resolve([first, *shuffled])[0]
    assert once.row is not None and other.row is not None
    known_at = once.row.known_at
    assert other.row._replace(known_at=known_at, steps=()) == once.row._replace(steps=())


@st.composite
def crowded_histories(draw: st.DrawFn) -> tuple[Version, list[Version | ProgressStep]]:
    """Draw a first snapshot and later events, of which several may have one moment of change."""
    moments = st.sampled_from(("5 02:00", "6 16:30", "11"))
    drawn = draw(st.lists(st.builds(version, st.sampled_from((2, 4, 5, 9, 10)), moments, due=maybe, finished=maybe,
                                    pauses=pauses), min_size=2, max_size=6))  # fmt: skip
    later: list[Version | ProgressStep] = draw(st.permutations([*drawn[1:], *draw(st.lists(steps, max_size=2))]))
    return drawn[0], later


@settings(max_examples=300)
@given(histories() | crowded_histories())
def test_a_dossier_that_is_loaded_again_before_each_event_ends_in_the_same_row(
    history: tuple[Version, list[Version | ProgressStep]],
) -> None:
    first, rest = history
    known = resolve([first, *rest])[0]
    again = resolve([first])[0]
    for event in rest:
        again = resolve_loaded(again, event)
    assert again.row is not None and known.row is not None
    assert whenever_it_came(again.row) == whenever_it_came(known.row)


def whenever_it_came(row: DossierRow) -> DossierRow:
    """Return a row without what says when news arrived."""
    lateness = (row.lateness or 0) & ~Lateness.told_late
    return row._replace(known_at=EPOCH, end_known_at=None, lateness=lateness)


@settings(max_examples=200)
@given(st.lists(snapshots, min_size=1, max_size=8))
def test_versions_put_one_by_one_are_in_order_and_end_with_the_same_run(filed: list[Version]) -> None:
    ordered: list[Version] = []
    for version_filed in filed:
        put(version_filed, ordered)
    run: Run | None = None
    for place in range(len(ordered)):
        run = next_run(ordered, place, run)
    assert (ordered, last_run(ordered)) == (in_order(filed), run)
