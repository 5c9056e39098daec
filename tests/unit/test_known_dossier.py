"""A dossier while its events are resolved: as it was stored, when its news became known, what was filed before."""

from datetime import datetime, timedelta

import pytest

from service.ingest.known_dossier import KnownDossier, Unstored
from service.store.dossiers import DossierRow, FiledVersions
from tests.support.june import june, version
from tests.support.resolving import resolve

OPEN = version(4, "4 08:00", due="10")
DONE = version(9, "6 08:00", due="10", finished="6 08:00")


def row_of(*versions: object) -> DossierRow:
    known, _ = resolve(versions)  # type: ignore[arg-type]
    assert known.row is not None
    return known.row


ROW = row_of(OPEN)


def test_a_dossier_without_news_has_nothing_filed_and_stands_as_it_was() -> None:
    known = KnownDossier.stored(ROW, None, ROW)
    assert (known.row, known.filed, known.earlier, known.known_at) == (ROW, [], (), ROW.known_at)


def test_a_stored_dossier_has_what_was_filed_and_when_the_last_became_known() -> None:
    known = KnownDossier.stored(ROW, FiledVersions([OPEN], june("5 08:00")), ROW)
    assert (known.filed, known.known_at, known.before) == ([OPEN], june("5 08:00"), ROW)


def test_a_stored_dossier_keeps_its_version_of_the_catalogue() -> None:
    row = ROW._replace(catalogue_version=3)
    assert KnownDossier.stored(row, None, row).catalogue_version == 3


@pytest.mark.parametrize(
    ("known_at", "now", "becomes"),
    [
        pytest.param(None, june("5 08:00"), june("5 08:00"), id="the first event"),
        pytest.param(june("4 08:00"), june("5 08:00"), june("5 08:00"), id="later"),
        pytest.param(june("5 08:00"), june("5 08:00"), june("5 08:00") + timedelta(microseconds=1), id="at once"),
        pytest.param(
            june("6 08:00"), june("5 08:00"), june("6 08:00") + timedelta(microseconds=1), id="clock set back"
        ),
    ],
)
def test_an_event_becomes_known_after_all_that_were_filed(
    known_at: datetime | None, now: datetime, becomes: datetime
) -> None:
    assert KnownDossier(known_at=known_at).next_known_at(now) == becomes


def test_what_was_filed_is_known_until_it_is_forgotten() -> None:
    known = KnownDossier()
    known.note(OPEN)
    filed = known.has_filed(OPEN.digest)
    known.forget_digests()
    known.filed.clear()
    known.note(DONE)
    assert (filed, known.has_filed(OPEN.digest), known.has_filed(DONE.digest)) == (True, False, True)


def test_the_last_that_is_filed_says_when_the_dossier_became_known() -> None:
    known = KnownDossier()
    known.note(OPEN)
    known.note(DONE)
    assert known.known_at == DONE.known_at


@pytest.mark.parametrize(
    ("before", "outcome", "known_at"),
    [
        pytest.param(ROW, "early", june("7 08:00"), id="open before"),
        pytest.param(ROW, None, None, id="still open"),
        pytest.param(None, "early", None, id="not known before"),
        pytest.param(row_of(OPEN, DONE), "early", None, id="closed by its first request"),
    ],
)
def test_an_end_became_known_with_the_request_that_closed_the_dossier(
    before: DossierRow | None, outcome: str | None, known_at: datetime | None
) -> None:
    assert KnownDossier(before=before, known_at=june("7 08:00")).end_known_at(outcome) == known_at


def test_what_a_dry_run_made_is_read_as_if_it_were_stored() -> None:
    kept = Unstored()
    known, _ = resolve([OPEN, DONE])
    kept.keep({"A": known, "B": KnownDossier(row=ROW, filed=[OPEN], known_at=OPEN.known_at)})
    assert known.row is not None and known.known_at is not None
    assert kept.states(["A", "C"]) == {"A": (known.row, FiledVersions([OPEN, DONE], known.known_at, known.earlier))}
