"""Which slot is due, who gets it, and what is told of a run: no waiting, only moments given."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from jobs.schedule import JOBS, Job
from jobs.scheduler import Runner, due_slot, slots_between
from models.dossiers import DossierVersion
from models.job_runs import JobRun
from service.components import Components
from service.domain.calendar.local_time import VIETNAM
from service.store import job_runs
from service.store.database import Database
from service.store.job_runs import LEASE, ScheduledRun
from tests.support.client import Client, dossier

NIGHTLY = next(job for job in JOBS if job.name == "verify-tallies")


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """Build a moment of March 2026 in local time."""
    return datetime(2026, 3, day, hour, minute, tzinfo=VIETNAM).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "due", "following"),
    [
        (local(2, 2, 30), local(2, 2, 30), local(3, 2, 30)),
        (local(2, 2, 29), local(1, 2, 30), local(2, 2, 30)),
        (local(2, 0, 30), local(1, 2, 30), local(2, 2, 30)),  # yesterday in UTC
        (local(2, 6, 59), local(2, 2, 30), local(3, 2, 30)),
    ],
)
def test_the_due_slot_is_the_newest_one_in_local_time(now: datetime, due: datetime, following: datetime) -> None:
    assert due_slot(NIGHTLY, now) == ScheduledRun("verify-tallies", due, following)


def test_weekdays_are_given_by_name() -> None:
    weekly = Job("weekly", {"day_of_week": "sun", "hour": "0"}, NIGHTLY.run, "")
    slot = due_slot(weekly, local(4, 12))
    assert slot is not None
    assert slot.at == local(1, 0)  # 1 March 2026 is a Sunday


def test_slots_between_two_slots_are_counted() -> None:
    assert slots_between(NIGHTLY, local(2, 2, 30), local(3, 2, 30)) == 0
    assert slots_between(NIGHTLY, local(2, 2, 30), local(9, 2, 30)) == 6


def claim(database: Database, slot: ScheduledRun, owner: str, now: datetime) -> job_runs.RunLease | None:
    """Claim in a transaction of its own."""
    with database.writing() as session:
        return job_runs.claim(session, slot, owner, now, 0)


SLOT = ScheduledRun("j", local(2, 2), local(3, 2))


def test_a_slot_has_one_owner(database: Database) -> None:
    assert claim(database, SLOT, "a", local(2, 2)) is not None
    assert claim(database, SLOT, "b", local(2, 2)) is None


def test_a_run_without_a_sign_of_life_is_taken_over_once(database: Database) -> None:
    first = claim(database, SLOT, "a", local(2, 2))
    later = local(2, 2) + LEASE + timedelta(seconds=1)
    second = claim(database, SLOT, "b", later)
    assert second is not None
    assert second.attempt == 2
    assert claim(database, SLOT, "c", later) is None
    assert first is not None
    with database.writing() as session:
        assert not job_runs.beat(session, first, later)
        assert not job_runs.finish(session, first, later, {}, None), "the late owner's end is not taken"
        assert job_runs.finish(session, second, later, {}, None)


def test_a_sign_of_life_keeps_the_run(database: Database) -> None:
    first = claim(database, SLOT, "a", local(2, 2))
    assert first is not None
    with database.writing() as session:
        assert job_runs.beat(session, first, local(2, 2) + LEASE)
    assert claim(database, SLOT, "b", local(2, 2) + LEASE + timedelta(seconds=1)) is None


def test_a_new_slot_waits_for_a_running_one(database: Database) -> None:
    claim(database, SLOT, "a", local(2, 2))
    following = ScheduledRun("j", SLOT.at + timedelta(seconds=5), local(3, 2))
    assert claim(database, following, "b", local(2, 2) + timedelta(seconds=5)) is None


def test_a_new_slot_closes_a_left_one(database: Database) -> None:
    claim(database, SLOT, "a", local(2, 2))
    assert claim(database, ScheduledRun("j", local(3, 2), local(4, 2)), "b", local(3, 2)) is not None
    with database.reading() as session:
        states = session.scalars(select(JobRun.state).order_by(JobRun.slot)).all()
    assert states == ["failed", "running"]


def test_runs_missed_while_down_are_caught_up_once(app: Flask, database: Database) -> None:
    ran: list[datetime] = []

    def note(_service: Components, now: datetime) -> dict[str, int]:
        ran.append(now)
        return {}

    job = replace(NIGHTLY, run=note)
    for now in (local(2, 3), local(6, 9), local(6, 10)):
        with time_machine.travel(now, tick=False):
            Runner(app.extensions["tthc"]).look(job)
    assert len(ran) == 2
    with database.reading() as session:
        assert job_runs.states(session, local(6, 11))[0].missed == 3


def test_a_failure_is_told_and_not_hidden(app: Flask, database: Database) -> None:
    def fail(_service: Components, _now: datetime) -> dict[str, int]:
        raise ZeroDivisionError

    with time_machine.travel(local(2, 3), tick=False):
        Runner(app.extensions["tthc"]).look(replace(NIGHTLY, run=fail))
    with database.reading() as session:
        state = job_runs.states(session, local(2, 4))[0]
    assert (state.failures, state.last_state, state.last_success) == (1, "failed", None)


def test_a_job_that_was_due_and_not_run_is_late(app: Flask, database: Database) -> None:
    with time_machine.travel(local(2, 3), tick=False):
        Runner(app.extensions["tthc"]).look(replace(NIGHTLY, run=lambda _service, _now: {}))
    with database.reading() as session:
        assert job_runs.states(session, local(3, 2, 29))[0].late_by == timedelta(0)
        assert job_runs.states(session, local(3, 3, 30))[0].late_by == timedelta(hours=1)


def test_drift_is_told_by_every_replica(app: Flask, client: Client, database: Database) -> None:
    client.push(dossier())
    with database.writing() as session:
        session.connection().exec_driver_sql("UPDATE tally_day SET received_direct = received_direct + 1")
    Runner(app.extensions["tthc"]).look(NIGHTLY)
    assert "tthc_tally_drift_rows 1.0" in client.get("/metrics").text


def test_retention_keeps_the_current_version(app: Flask, client: Client, database: Database) -> None:
    client.push(dossier("A-1", changed_at="2023-10-02T08:00:00+07:00"))
    client.push(dossier("A-1", due_at="2023-10-09", changed_at="2023-10-03T08:00:00+07:00"))
    client.push(dossier("A-2", changed_at="2023-10-02T08:00:00+07:00"))
    before = client.stats(as_of="2023-10-05T08:00:00+07:00")
    service: Components = app.extensions["tthc"]
    kept = replace(service, settings=service.settings.model_copy(update={"version_retention_days": 30}))
    job = next(job for job in JOBS if job.name == "version-retention")
    assert job.run(service, datetime.now(UTC)) == {"deleted": 0}, "off by default"
    assert job.run(kept, datetime.now(UTC)) == {"deleted": 0}, "too young"
    assert job.run(kept, datetime.now(UTC) + timedelta(days=31)) == {"deleted": 1}
    with database.reading() as session:
        assert sorted(session.scalars(select(DossierVersion.code))) == ["A-1", "A-2"]
    assert client.stats(as_of="2023-10-05T08:00:00+07:00") == before
