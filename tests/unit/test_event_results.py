"""What an event is told, and whether it is kept: what the sender and the history see of it. Days are of June 2024."""

from typing import Any

import pytest

from service.domain.dossier.snapshot import ProgressStep
from service.ingest.event_resolver import EventResolver, Resolution
from service.ingest.known_dossier import KnownDossier
from tests.support.june import june, version
from tests.support.resolving import resolver

DOUBT = ("changed_at_in_future",)
OPEN = version(4, "4 08:00", due="10")
CORRECTED = version(4, "4 08:00", due="12")
STEP = ProgressStep(june("5 08:00"), 5)


def open_dossier() -> tuple[KnownDossier, EventResolver]:
    known, deciding = KnownDossier(), resolver()
    deciding.snapshot(known, OPEN)
    return known, deciding


def due_day(known: KnownDossier) -> Any:
    return known.row and known.row.due_at and known.row.due_at.day


def test_the_same_again_is_unchanged_and_told_what_reading_doubted() -> None:
    known, deciding = open_dossier()
    assert deciding.snapshot(known, OPEN, DOUBT) == Resolution("unchanged", False, DOUBT)


def test_an_update_is_told_doubts_signs_and_what_is_wrong_with_its_state() -> None:
    known, deciding = open_dossier()
    told = deciding.snapshot(known, version(9, "12 08:00", due="15", finished="2 08:00"), DOUBT)
    kinds = (*DOUBT, "deadline_moved_after_passing", "finished_before_received")
    assert told == Resolution("updated", True, kinds)


def test_a_sign_is_told_with_the_news_that_show_it_alone() -> None:
    known, deciding = open_dossier()
    deciding.snapshot(known, version(4, "12 08:00", due="15"))
    assert deciding.snapshot(known, version(5, "13 08:00", due="15")) == Resolution("updated", True)


def test_a_correction_that_keeps_its_moment_of_change_is_taken() -> None:
    known, deciding = open_dossier()
    assert (deciding.snapshot(known, CORRECTED).result, due_day(known)) == ("updated", 12)


def test_what_was_corrected_takes_nothing_back_when_its_request_is_repeated() -> None:
    known, deciding = open_dossier()
    deciding.snapshot(known, CORRECTED)
    assert (deciding.snapshot(known, OPEN), due_day(known)) == (Resolution("stale", False), 12)


def test_a_correction_without_a_moment_of_change_may_say_what_was_said_before() -> None:
    known, deciding = KnownDossier(), resolver()
    for day, due in (("4", "10"), ("5", "12")):
        deciding.snapshot(known, version(4, known=f"{day} 08:00", due=due))
    again = version(4, known="4 08:00", due="10")._replace(known_at=june("6 08:00"))
    assert (deciding.snapshot(known, again).result, due_day(known)) == ("updated", 10)


def test_stale_news_without_a_moment_of_change_are_kept_once() -> None:
    known, deciding = KnownDossier(), resolver()
    deciding.snapshot(known, version(4, "8 08:00", known="7 08:00", due="10"))  # its clock runs ahead
    late = version(9, known="7 09:00", due="10", finished="7 09:00")
    told = [deciding.snapshot(known, one) for one in (late, late._replace(known_at=june("7 10:00")))]
    assert told == [Resolution("stale", True), Resolution("stale", False)]


def test_a_step_that_moves_the_state_is_updated() -> None:
    known, deciding = open_dossier()
    assert deciding.step(known, STEP, june("5 08:00")) == Resolution("updated", True)


def test_a_step_that_came_before_is_unchanged() -> None:
    known, deciding = open_dossier()
    deciding.step(known, STEP, june("5 08:00"))
    assert deciding.step(known, STEP, june("6 08:00")) == Resolution("unchanged", False)


def test_a_step_that_changes_nothing_is_stale_also_where_a_version_of_the_catalogue_is_kept() -> None:
    known, deciding = open_dossier()
    known.catalogue_version = 1
    deciding.snapshot(known, CORRECTED)
    assert deciding.step(known, ProgressStep(june("3 07:00"), 2), june("5 08:00")).result == "stale"


def test_a_step_that_only_leaves_a_sign_is_stale() -> None:
    known, deciding = KnownDossier(), resolver()
    deciding.snapshot(known, version(9, "8 08:00", finished="8 08:00"))
    told = deciding.step(known, ProgressStep(june("3 08:00"), 9), june("9 08:00"))
    assert known.row is not None and (told.result, set(known.row.warnings)) == ("stale", {"done_at_receipt"})


def test_a_catalogue_that_gives_nothing_changes_nothing() -> None:
    known, deciding = open_dossier()
    assert deciding.catalogue_change(known, june("5 08:00")) == Resolution("unchanged", False)


def test_a_deleted_dossier_takes_nothing_of_the_catalogue() -> None:
    known, deciding = open_dossier()
    deciding.deletion(known, june("5 08:00"))
    assert deciding.catalogue_change(known, june("6 08:00")) == Resolution("unchanged", False)


@pytest.mark.parametrize("merged", [True, False])
def test_merged_is_merged_once_and_counted_again_once(merged: bool) -> None:
    known, deciding = open_dossier()
    if not merged:
        deciding.merge(known, True, june("5 08:00"))
    told = [deciding.merge(known, merged, june("6 08:00")) for _ in range(2)]
    assert told == [Resolution("updated", True), Resolution("unchanged", False)]


def test_a_deletion_is_kept_once() -> None:
    known, deciding = open_dossier()
    told = [deciding.deletion(known, june("5 08:00")) for _ in range(2)]
    assert told == [Resolution("deleted", True), Resolution("deleted", False)]


def test_what_was_filed_before_a_deletion_is_new_after_it_and_once() -> None:
    known, deciding = open_dossier()
    deciding.snapshot(known, CORRECTED)
    deciding.snapshot(known, OPEN)
    deciding.deletion(known, june("5 08:00"))
    told = [deciding.snapshot(known, one) for one in (OPEN, CORRECTED, OPEN)]
    assert [(one.result, one.kept) for one in told] == [("updated", True), ("updated", True), ("stale", False)]


def test_a_deletion_is_told_the_signs_that_it_shows() -> None:
    known, deciding = open_dossier()
    deciding.snapshot(known, version(4, "12 08:00", due="15"))
    assert deciding.deletion(known, june("16 08:00")) == Resolution("deleted", True, ("deleted_after_due",))
