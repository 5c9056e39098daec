"""The resolver and the slow recount agree on one dossier: any records, any steps, in the order in which they came."""

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.dossier.events import DossierEvent
from service.domain.dossier.snapshot import ProgressStep
from service.domain.dossier.versions import Version
from service.ingest.known_dossier import KnownDossier
from service.schemas.dossier_input import read_record
from service.store.stored_json import digest, to_payload
from tests.support.oracle import Dossier, World, is_counted, last_end, outcome
from tests.support.oracle import dossier as recounted
from tests.support.oracle_steps import steps_of
from tests.support.oracle_versions import Push, certain, changed_of, moment, versions
from tests.support.random_records import FIRST_PUSH, drawn_steps, records
from tests.support.resolving import resolve

ONE = st.just(0)
event = st.one_of(*[records(0)] * 2, *[drawn_steps(ONE)] * 3)


@st.composite
def histories(draw: st.DrawFn) -> list[Push]:
    """Draw what one dossier's source tells, a day apart, from a record on."""
    told = [draw(records(0)), *draw(st.lists(event, max_size=6))]
    return [
        Push(one | {"unit_code": "H23"} if "step" not in one else one, FIRST_PUSH + timedelta(days=day))
        for day, one in enumerate(told)
    ]


def resolved(history: list[Push], derives: bool) -> KnownDossier:
    return resolve([_event(push) for push in history], derive_pauses=derives)[0]


def _event(push: Push) -> Version | ProgressStep:
    if "step" in push.record:
        return ProgressStep(certain(moment(push.record["at"])), push.record["step"])
    read = read_record(push.record)
    assert isinstance(read, DossierEvent)
    read.snapshot.changed_at = changed_of(push)  # what lies far ahead of the clock is treated as absent
    return Version(read.snapshot, push.known_at, digest(to_payload(read.snapshot)))


def standing(d: Dossier) -> dict[str, Any]:
    """Say where a dossier stands by the recount."""
    closed = is_counted(d) and d.end is not None and d.status in (7, 8, 9, 10)
    return {
        "status": d.status,
        "received": d.received if is_counted(d) else None,
        "ended": last_end(d) if closed else d.end,
        "outcome": outcome(d) if closed else None,
        "paused": [(began, until or (last_end(d) if closed else None)) for began, until in d.pauses if is_counted(d)],
    }


@settings(max_examples=400)
@given(histories(), st.booleans())
def test_where_a_dossier_stands_is_recounted(history: list[Push], derives: bool) -> None:
    row, paused = (known := resolved(history, derives)).row, known.paused
    assert row is not None
    assert {
        "status": row.status,
        "received": row.received_at,
        "ended": row.ended_at,
        "outcome": row.outcome,
        "paused": [(interval.start, interval.end) for interval in paused or () if row.received_at],
    } == standing(recounted(versions(history), steps_of(history), World({}, derives_pauses=derives)))
