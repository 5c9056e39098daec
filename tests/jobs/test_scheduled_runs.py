"""Which scheduled run is due, which process gets it, and what is stored of it: given moments, no waiting."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from jobs.schedule import JOBS, Job
from jobs.scheduler import JobScheduler, Runner, due_run, runs_between
from models.dossiers import DossierVersion
from models.job_runs import JobRun
from service.components import Components
from service.domain.calendar.local_time import VIETNAM
from service.store import job_runs
from service.store.database import Database
from service.store.job_runs import LEASE, ScheduledRun
from tests.ops.processes import until
from tests.support.client import Client, dossier

NIGHTLY = next(job for job in JOBS if job.name == "verify-tallies")
IDLE = replace(NIGHTLY, run=lambda _components, _now: {})


def poll(app: Flask, job: Job, now: datetime) -> None:
    """Poll for a job's due run at a moment, whatever the clocks say."""
    Runner(app.extensions["tthc"], clock=lambda _session: now).poll(job)


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
def test_the_due_run_is_the_newest_in_local_time(now: datetime, due: datetime, following: datetime) -> None:
    assert due_run(NIGHTLY, now) == ScheduledRun("verify-tallies", due, following)


def test_weekdays_are_given_by_name() -> None:
    weekly = Job("weekly", {"day_of_week": "sun", "hour": "0"}, NIGHTLY.run, "")
    run = due_run(weekly, local(4, 12))
    assert run is not None
    assert run.at == local(1, 0)  # 1 March 2026 is a Sunday


def test_the_runs_between_two_runs_are_counted() -> None:
    assert runs_between(NIGHTLY, local(2, 2, 30), local(3, 2, 30)) == 0
    assert runs_between(NIGHTLY, local(2, 2, 30), local(9, 2, 30)) == 6


def take(database: Database, run: ScheduledRun, owner: str, now: datetime) -> job_runs.RunLease | None:
    """Take a run in a transaction of its own."""
    with database.writing() as session:
        return job_runs.take(session, run, owner, now, 0)


RUN = ScheduledRun("j", local(2, 2), local(3, 2))


def test_a_scheduled_run_has_one_owner(database: Database) -> None:
    assert take(database, RUN, "a", local(2, 2)) is not None
    assert take(database, RUN, "b", local(2, 2)) is None


def test_a_run_whose_lease_has_ended_is_taken_over_once(database: Database) -> None:
    first = take(database, RUN, "a", local(2, 2))
    later = local(2, 2) + LEASE + timedelta(seconds=1)
    second = take(database, RUN, "b", later)
    assert second is not None
    assert second.attempt == 2
    assert take(database, RUN, "c", later) is None
    assert first is not None
    with database.writing() as session:
        assert not job_runs.heartbeat(session, first, later)
        assert not job_runs.finish(session, first, later, {}, None), "the late owner's end is not taken"
        assert job_runs.finish(session, second, later, {}, None)


def test_a_heartbeat_renews_the_lease(database: Database) -> None:
    first = take(database, RUN, "a", local(2, 2))
    assert first is not None
    with database.writing() as session:
        assert job_runs.heartbeat(session, first, local(2, 2) + LEASE)
    assert take(database, RUN, "b", local(2, 2) + LEASE + timedelta(seconds=1)) is None


def test_a_new_run_waits_while_an_earlier_one_goes_on(database: Database) -> None:
    take(database, RUN, "a", local(2, 2))
    following = ScheduledRun("j", RUN.at + timedelta(seconds=5), local(3, 2))
    assert take(database, following, "b", local(2, 2) + timedelta(seconds=5)) is None


def test_a_new_run_closes_an_abandoned_one_as_failed(database: Database) -> None:
    take(database, RUN, "a", local(2, 2))
    assert take(database, ScheduledRun("j", local(3, 2), local(4, 2)), "b", local(3, 2)) is not None
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
        poll(app, job, now)
    assert len(ran) == 2
    with database.reading() as session:
        assert job_runs.states(session, local(6, 11))[0].missed == 3


def test_a_run_that_raises_is_stored_as_failed(app: Flask, database: Database) -> None:
    def fail(_service: Components, _now: datetime) -> dict[str, int]:
        raise ZeroDivisionError

    poll(app, replace(NIGHTLY, run=fail), local(2, 3))
    with database.reading() as session:
        state = job_runs.states(session, local(2, 4))[0]
    assert (state.failures, state.last_state, state.last_success) == (1, "failed", None)


def test_a_job_that_was_due_and_did_not_run_is_overdue(app: Flask, database: Database) -> None:
    poll(app, IDLE, local(2, 3))
    with database.reading() as session:
        assert job_runs.states(session, local(3, 2, 29))[0].overdue_by == timedelta(0)
        assert job_runs.states(session, local(3, 3, 30))[0].overdue_by == timedelta(hours=1)


def test_every_replica_has_the_drift_in_its_metrics(app: Flask, client: Client, database: Database) -> None:
    client.push(dossier())
    with database.writing() as session:
        session.connection().exec_driver_sql("UPDATE tally_day SET received_direct = received_direct + 1")
    Runner(app.extensions["tthc"]).poll(NIGHTLY)
    assert "tthc_tally_drift_rows 1.0" in client.get("/metrics").text


def test_retention_lets_only_repetitions_go(app: Flask, client: Client, database: Database) -> None:
    for day in (2, 3, 4):
        client.push(dossier("A-1", changed_at=f"2023-10-0{day}T08:00:00+07:00"))
    client.push(dossier("A-2", changed_at="2023-10-02T08:00:00+07:00"))
    client.push(dossier("A-2", due_at="2023-10-09", changed_at="2023-10-03T08:00:00+07:00"))
    before = client.stats(as_of="2023-10-05T08:00:00+07:00")
    service: Components = app.extensions["tthc"]
    kept = replace(service, settings=service.settings.model_copy(update={"version_retention_days": 30}))
    job = next(job for job in JOBS if job.name == "version-retention")
    assert job.run(service, datetime.now(UTC)) == {"deleted": 0}, "off by default"
    assert job.run(kept, datetime.now(UTC)) == {"deleted": 0}, "too young"
    assert job.run(kept, datetime.now(UTC) + timedelta(days=31)) == {"deleted": 1}
    with database.reading() as session:
        assert sorted(session.scalars(select(DossierVersion.code))) == ["A-1", "A-1", "A-2", "A-2"]
    assert client.stats(as_of="2023-10-05T08:00:00+07:00") == before


def moments(database: Database) -> list[datetime]:
    with database.reading() as session:
        return list(session.scalars(select(JobRun.slot).order_by(JobRun.slot)))


def test_a_first_start_under_a_clock_400_days_ahead_silences_no_job(app: Flask, database: Database) -> None:
    poll(app, IDLE, local(2, 3) + timedelta(days=400))
    poll(app, IDLE, local(2, 3))
    assert moments(database) == [local(2, 2, 30)]


def test_a_run_dated_in_the_future_hides_no_overdue_job(app: Flask, database: Database) -> None:
    poll(app, IDLE, local(2, 3))
    poll(app, IDLE, local(2, 3) + timedelta(days=400))
    with database.reading() as session:
        state = job_runs.states(session, local(3, 3, 30))[0]
    assert state.overdue_by == timedelta(hours=1)


def test_the_result_of_a_run_dated_in_the_future_is_not_used(app: Flask, database: Database) -> None:
    poll(app, replace(NIGHTLY, run=lambda _components, _now: {"rows_off": 7}), local(2, 3) + timedelta(days=400))
    with database.reading() as session:
        assert job_runs.last_result(session, NIGHTLY.name, local(2, 4)) == {}


def test_a_clock_set_back_by_two_days_runs_what_is_due_then(app: Flask, database: Database) -> None:
    for now in (local(9, 3), local(7, 3), local(8, 3), local(9, 3)):
        poll(app, IDLE, now)
    assert moments(database) == [local(7, 2, 30), local(8, 2, 30), local(9, 2, 30)]


def test_a_run_that_was_going_on_when_the_clock_was_set_back_can_be_taken_over(database: Database) -> None:
    assert take(database, RUN, "a", local(4, 2)) is not None
    assert take(database, RUN, "b", local(2, 2)) is not None


def test_the_poll_goes_on_after_the_clock_was_set_back(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_runs, "POLL_SECONDS", 0.05)
    polls: list[float] = []

    class Polled(Runner):
        def poll(self, job: Job) -> None:
            polls.append(time.monotonic())

    with time_machine.travel(datetime.now(UTC), tick=True) as clock:
        scheduler = JobScheduler(Polled(app.extensions["tthc"]), [IDLE])
        until(lambda: len(polls) > 2)
        clock.shift(timedelta(days=-2))
        before = len(polls)
        until(lambda: len(polls) > before + 2, 90)
        scheduler.shutdown()
