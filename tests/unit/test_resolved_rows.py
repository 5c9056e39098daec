"""The row that an event makes of a dossier: what it is counted by. Days are of June 2024."""

from dataclasses import replace
from typing import Any

import pytest

from service.domain.calendar.local_time import day_end, local_day
from service.domain.dossier.lateness import Lateness
from service.domain.dossier.pauses import PausedInterval
from service.domain.dossier.snapshot import ProgressStep
from service.domain.dossier.versions import Version
from service.domain.units import UnitTree
from service.ingest.event_resolver import Resolution
from service.ingest.known_dossier import KnownDossier
from service.store.dossiers import DossierRow
from tests.support.june import june, version
from tests.support.resolving import resolve, resolve_loaded, resolver

OPEN = version(4, "4 08:00", known="4 09:00", due="10", channel=2, submitted="5/30 08:00")
SENT = replace(OPEN.snapshot, procedure_code="1.004199.H23", field_code="LV1", national_code="N-1")
PAUSED = version(5, "8 08:00", due="10", pauses="5 08:00-6 08:00, 7 08:00-")
INTERVALS = [PausedInterval(june("5 08:00"), june("6 08:00"), True), PausedInterval(june("7 08:00"), None, False)]
MOVED = version(9, "12 08:00", due="20", finished="12 08:00")


def row_of(*versions: Version, is_test: bool = False) -> DossierRow:
    known, deciding = KnownDossier(), resolver(is_test=is_test)
    for one in versions:
        deciding.snapshot(known, one)
    assert known.row is not None
    return known.row


def merged(*versions: Version) -> DossierRow:
    known, deciding = KnownDossier(), resolver()
    for one in versions:
        deciding.snapshot(known, one)
    deciding.merge(known, True, june("21 08:00"))
    assert known.row is not None
    return known.row


@pytest.mark.parametrize("before", [[], [version(2, "3 08:00", known="3 09:00")]], ids=["first", "one more"])
def test_an_open_dossier_is_stored_as_its_version_says(before: list[Version]) -> None:
    assert row_of(*before, OPEN._replace(snapshot=SENT)) == DossierRow(
        source_id=1, code="C", unit_code="H23", procedure_code="1.004199", field_key="LV1", channel=2, status=4,
        received_at=june("3 08:00"), due_at=day_end(local_day(june("10"))), ended_at=None, outcome=None,
        has_pauses=False, reception_limit=june("5/31 08:00"), changed_at=june("4 08:00"), known_at=june("4 09:00"),
        digest=OPEN.digest, national_code="N-1",
    )  # fmt: skip


def test_a_closed_dossier_is_stored_with_its_end_and_outcome() -> None:
    row = row_of(version(9, "6 08:00", due="10", finished="5 08:00"))
    assert (row.ended_at, row.outcome) == (june("5 08:00"), "early")


@pytest.mark.parametrize("before", [[], [version(4, "4 08:00", due="10")]], ids=["first", "one more"])
def test_a_dossier_is_stored_with_its_pauses(before: list[Version]) -> None:
    known, _ = resolve([*before, PAUSED])
    assert known.row is not None and (known.row.has_pauses, known.paused) == (True, INTERVALS)


def test_a_dossier_of_a_trial_source_neither_counts_nor_warns_nor_matches() -> None:
    late = replace(SENT, status=9, finished_at=june("1 09:00"))  # before its receipt
    row = row_of(version(4, "4 08:00", due="10"), OPEN._replace(snapshot=late, known_at=june("11 08:00")), is_test=True)
    assert (row.received_at, row.reception_limit, row.lateness, row.warnings, row.national_code) == (
        None, None, None, frozenset(), None,
    )  # fmt: skip


def test_a_merged_dossier_keeps_its_receipt_for_the_day_it_counts_again() -> None:
    row = merged(OPEN, MOVED)
    assert (row.received_at, row.merged_received_at) == (None, june("3 08:00"))


def test_a_merged_dossier_counts_by_nothing() -> None:
    row = merged(version(4, "4 08:00", due="10", submitted="5/30 08:00"), replace_submitted(MOVED))
    assert (row.received_at, row.reception_limit, row.lateness) == (None, None, None)


def replace_submitted(one: Version) -> Version:
    return one._replace(snapshot=replace(one.snapshot, submitted_at=june("5/30 08:00")))


def test_a_dossier_counts_as_moved_by_the_earliest_due_moment_of_its_versions() -> None:
    row = row_of(version(4, "4 08:00", due="15"), version(4, "5 08:00", due="10"), MOVED)
    assert row.lateness == Lateness.late_moved


def test_a_dossier_in_time_by_its_only_due_moment_counts_as_nothing_else() -> None:
    assert row_of(version(4, "4 08:00", due="20"), MOVED).lateness is None


def test_an_end_that_became_known_after_the_due_moment_was_told_late() -> None:
    before = row_of(version(4, "4 08:00", due="10"))
    loaded = KnownDossier(before, [version(4, "4 08:00", due="10")], before=before)
    resolver().snapshot(loaded, version(9, "12 08:00", due="10", finished="6 08:00"))
    assert loaded.row is not None
    assert (loaded.row.end_known_at, loaded.row.lateness) == (june("12 08:00"), Lateness.told_late)


DELETED_AT = june("12 08:00")
NOWHERE: dict[str, Any] = dict.fromkeys(("received_at", "due_at", "ended_at", "outcome", "reception_limit", "lateness"))


@pytest.mark.parametrize("is_merged", [False, True])
def test_a_deleted_dossier_stands_nowhere(is_merged: bool) -> None:
    known, deciding = KnownDossier(), resolver()
    for one in (PAUSED, version(9, "8 08:00", due="7", finished="8 08:00", pauses="5 08:00-6 08:00")):
        deciding.snapshot(known, one)
    if is_merged:
        deciding.merge(known, True, june("9 08:00"))
    before = known.row
    deciding.deletion(known, DELETED_AT)
    assert before is not None and known.row == before._replace(
        **NOWHERE, merged_received_at=None, end_known_at=None, has_pauses=False, changed_at=DELETED_AT,
        known_at=DELETED_AT, digest="", warnings=frozenset({"deleted_after_due"}),
    )  # fmt: skip


def test_the_pauses_of_a_deleted_dossier_are_deleted() -> None:
    known, deciding = KnownDossier(), resolver()
    deciding.snapshot(known, PAUSED)
    deciding.deletion(known, DELETED_AT)
    assert known.paused == []


def test_a_new_dossier_is_told_what_is_doubted_and_wrong() -> None:
    told = resolver().snapshot(KnownDossier(), version(4, "4 08:00", due="2"), ("changed_at_in_future",))
    assert told == Resolution("created", True, ("changed_at_in_future", "due_before_received"))


def test_a_step_is_the_newest_that_is_known_of_its_dossier() -> None:
    known, deciding = KnownDossier(), resolver()
    deciding.snapshot(known, OPEN)
    deciding.step(known, ProgressStep(june("5 08:00"), 5), june("5 09:00"))
    assert known.known_at == june("5 09:00")


def test_a_deleted_dossier_takes_no_step() -> None:
    known, deciding = KnownDossier(), resolver()
    deciding.snapshot(known, OPEN)
    deciding.deletion(known, DELETED_AT)
    assert deciding.step(known, ProgressStep(june("5 08:00"), 5), june("13 08:00")) == Resolution("unchanged", False)


def test_a_version_that_only_repeats_is_the_current_one() -> None:
    again = version(4, "5 08:00", known="4 09:00", due="10", channel=2, submitted="5/30 08:00")
    assert row_of(OPEN, again).changed_at == june("5 08:00")


OLD, NEW = version(4, "4 08:00", unit_code="H23.OLD"), version(4, "5 08:00", unit_code="H23.NEW")


def test_a_dissolved_unit_keeps_a_dossier_that_is_sent_again_under_its_successor() -> None:
    assert row_of(OLD, NEW).unit_code == "H23.OLD"


def test_another_unit_that_a_dossier_is_sent_under_counts_it() -> None:
    assert row_of(NEW, version(4, "6 08:00")).unit_code == "H23"


def test_units_are_not_asked_where_a_dossier_is_sent_under_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(UnitTree, "unit_after", lambda *_: pytest.fail("the units were asked"))
    assert row_of(OLD, version(4, "5 08:00", unit_code="H23.OLD")).unit_code == "H23.OLD"


def test_a_dossier_stays_where_it_is_counted_though_its_versions_say_otherwise() -> None:
    """Units were imported since: by its versions alone its unit would be another."""
    before, _ = resolve([NEW])
    assert before.row is not None
    before.row = before.row._replace(unit_code="H23.OLD")
    known = resolve_loaded(before, version(4, "6 08:00", unit_code="H23.NEW"))
    assert known.row is not None and known.row.unit_code == "H23.OLD"


def test_a_stale_version_is_told_what_is_wrong_with_it_alone() -> None:
    known, deciding = KnownDossier(), resolver()
    deciding.snapshot(known, version(4, "8 08:00"))
    stale = version(9, "6 08:00", submitted="5/30 08:00", finished="2 08:00")
    assert deciding.snapshot(known, stale) == Resolution("stale", True, ("finished_before_received",))
