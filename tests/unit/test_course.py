"""The course of a dossier: what one more version costs and leaves, and that its walk can be stopped. Of June 2024."""

from collections import Counter
from collections.abc import Iterable
from itertools import chain

import pytest

from service.domain.dossier.snapshot import ProgressStep
from service.domain.dossier.versions import Version
from service.domain.errors import Unavailable
from service.ingest.deadline_book import Deadline
from service.ingest.known_dossier import KnownDossier
from tests.support.june import june, version
from tests.support.resolving import NoLimits, resolve, resolver

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


def test_news_in_their_order_are_looked_at_once() -> None:
    assert versions_looked_at(MANY) == len(MANY)


def test_what_was_worked_out_after_stale_news_is_not_worked_out_again() -> None:
    looks = Counter[str]()
    known, deciding = KnownDossier(), resolver(go_on=lambda: looks.update("a"))
    for one in [*MANY, *STALE]:
        deciding.snapshot(known, one)
    deciding.work_out_if_needed(known)
    before = looks["a"]
    deciding.work_out_if_needed(known)
    assert looks["a"] == before


def test_a_walk_through_many_versions_is_stopped_where_the_request_takes_too_long() -> None:
    known, deciding = KnownDossier(), resolver()
    for one in MANY:
        deciding.snapshot(known, one)
    reloaded, left = KnownDossier(known.row, known.filed), iter(range(10))

    def go_on() -> None:
        if next(left, None) is None:
            raise Unavailable("too long")

    with pytest.raises(Unavailable):
        resolver(go_on=go_on).snapshot(reloaded, CORRECTIONS[0])


def test_a_version_that_took_the_place_of_another_leaves_no_unit_of_that_one() -> None:
    """A unit that was sent by mistake and is dissolved does not keep the dossier."""
    known, _ = resolve([version(4, "4 08:00", unit_code="H23.OLD"), version(4, "4 08:00", unit_code="H23.NEW")])
    assert known.row is not None and known.row.unit_code == "H23.NEW"


def test_at_one_moment_a_version_that_is_earlier_in_life_is_stale() -> None:
    known, results = resolve([version(9, "8 08:00"), version(4, "8 08:00")])
    assert known.row is not None and (results[-1], known.row.status) == ("stale", 9)


REQUESTED_AND_DONE = [version(5, "6 08:00"), version(9, "7 08:00", finished="6 12:00"), version(4, "8 08:00")]


@pytest.mark.parametrize(("derive_pauses", "is_told"), [(True, True), (False, False)])
def test_what_was_filed_before_a_deletion_is_paused_by_its_statuses_where_the_source_is_set_so(
    derive_pauses: bool, is_told: bool
) -> None:
    known, deciding = KnownDossier(), resolver(derive_pauses=derive_pauses)
    for one in REQUESTED_AND_DONE:
        deciding.snapshot(known, one)
    deciding.deletion(known, june("9 08:00"))
    assert known.row is not None and ("paused_sent_as_done" in known.row.warnings) == is_told


def test_what_was_filed_before_a_deletion_is_due_by_the_catalogue_that_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def due(_book: object, _state: object, _pauses: object, _before: object, since: int | None) -> Deadline:
        return Deadline(june("10 08:00" if since == 1 else "20 08:00"), None)

    monkeypatch.setattr(NoLimits, "decide", due)
    known, deciding = KnownDossier(), resolver()
    deciding.snapshot(known, version(4, "4 08:00"))
    known.catalogue_version = 1
    assert deciding.deletion(known, june("12 08:00")).warnings == ("deleted_after_due",)


def test_a_dossier_ended_when_its_status_began() -> None:
    known, _ = resolve([version(10, "5 08:00"), version(10, "7 08:00", channel=2), version(10, "8 08:00", channel=3)])
    assert known.row is not None and known.row.ended_at == june("5 08:00")


STEP, PAUSED = ProgressStep(june("5 08:00"), 9), "6 08:00-7 08:00"
RETURNED = version(10, "9 08:00", pauses=PAUSED)


def test_a_version_that_is_under_way_takes_back_a_step_that_ended_the_dossier_before() -> None:
    known, _ = resolve([version(4, "8 08:00", pauses=PAUSED), STEP, RETURNED])
    assert known.row is not None and known.row.ended_at == june("9 08:00")


def test_of_the_versions_under_way_the_newest_moment_takes_steps_back() -> None:
    known, _ = resolve([version(4, "8 08:00", pauses=PAUSED), version(4, "8 12:00"), STEP, RETURNED])
    assert known.row is not None and known.row.ended_at == june("9 08:00")


def test_a_version_that_is_done_takes_no_step_back() -> None:
    known, _ = resolve([version(9, "4 12:00", pauses=PAUSED), STEP, RETURNED])
    assert known.row is not None and known.row.ended_at == june("5 08:00")


@pytest.mark.parametrize("before", [[], [version(4, "4 08:00")]], ids=["the first version", "a later one"])
def test_a_version_that_is_done_while_it_is_paused_leaves_a_sign(before: list[Version]) -> None:
    known, _ = resolve([*before, version(9, "7 08:00", finished="6 08:00", pauses="5 08:00-8 08:00")])
    assert known.row is not None and "paused_sent_as_done" in known.row.warnings


def test_steps_between_a_repetition_and_the_version_after_it_leave_their_sign() -> None:
    repeated = [version(4, "4 08:00"), version(4, "6 08:00")]
    steps = [ProgressStep(june("7 08:00"), 9), ProgressStep(june("8 08:00"), 4)]
    known, _ = resolve([*repeated, version(4, "9 08:00", pauses="8 12:00-9 08:00"), *steps])
    assert known.row is not None and "reopened" in known.row.warnings


def test_a_version_is_paused_by_the_statuses_up_to_it() -> None:
    """Also where the version after it sends pauses itself."""
    sends_pauses = version(4, "9 08:00", pauses="8 08:00-8 12:00")
    filed = [sends_pauses, version(5, "5 08:00"), version(9, "6 08:00", finished="5 12:00"), version(4, "7 08:00")]
    known, _ = resolve(filed, derive_pauses=True)
    assert known.row is not None and "paused_sent_as_done" in known.row.warnings


def test_a_sign_stays_however_often_a_dossier_is_deleted_and_sent_again() -> None:
    known, deciding = KnownDossier(), resolver()
    for one in (version(4, "4 08:00", due="5"), version(4, "10 08:00", due="20")):
        deciding.snapshot(known, one)
    for minute in range(59):
        deciding.deletion(known, june(f"11 08:{minute:02d}"))
        deciding.snapshot(known, version(4, f"12 08:{minute:02d}", due="20"))
    assert known.row is not None and "deadline_moved_after_passing" in known.row.warnings
