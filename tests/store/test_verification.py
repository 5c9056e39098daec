"""Whatever is kept beside the dossiers can be recounted from them, and mended; on both databases."""

import sqlite3
from contextlib import AbstractContextManager, closing
from datetime import UTC, datetime

import pytest
from alembic import command
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from models.tallies import NEWS
from service.domain.calendar.local_time import to_local
from service.ingest import tally_recount
from service.store import migrations
from service.store.database import Database
from tests.support.client import Client, dossier
from tests.support.tallies import differences

MONDAY = "2023-10-02T08:00:00+07:00"
FRIDAY = "2023-10-06T09:30:00+07:00"


def push_some(client: Client) -> None:
    client.push(dossier("A", changed_at=MONDAY))
    client.push(dossier("B", unit_code="H23.46", channel="online", changed_at=MONDAY))
    client.push(dossier("A", status="resolved", finished_at=FRIDAY, changed_at=FRIDAY))
    assert client.push(dossier("A", changed_at="2023-10-03T08:00:00+07:00")).json["result"] == "stale"


def kept(database: Database) -> dict[str, str]:
    with database.reading() as session:
        rows = session.execute(select(NEWS.c.unit_code, NEWS.c.newest_change))
        return {unit: to_local(moment).isoformat() for unit, moment in rows}


def test_the_newest_change_of_each_unit_is_kept_whatever_comes_late(client: Client, database: Database) -> None:
    push_some(client)
    assert kept(database) == {"H23.45": FRIDAY, "H23.46": MONDAY}


def test_an_earlier_moment_is_answered_with_what_had_changed_by_then(client: Client) -> None:
    push_some(client)
    for as_of, updated_at in (
        ("2023-10-06T09:30:00+07:00", FRIDAY),
        ("2023-10-06T09:29:59+07:00", "2023-10-03T08:00:00+07:00"),
        ("2023-10-02T07:59:59+07:00", None),
    ):
        assert client.stats(as_of=as_of, period="2023")["updated_at"] == updated_at


def test_a_tally_that_is_off_is_named_and_mended(client: Client, database: Database) -> None:
    push_some(client)
    with database.writing() as session:
        session.execute(text("UPDATE tally_day SET received_online = received_online + 5 WHERE unit_code = 'H23.46'"))
        session.execute(text("DELETE FROM tally_month WHERE unit_code = 'H23.45' AND dimension = 'field'"))
        session.execute(text("DELETE FROM unit_news WHERE unit_code = 'H23.45'"))
        session.execute(NEWS.update().values(newest_change=datetime(2023, 10, 1, tzinfo=UTC)))
    with database.reading() as session:
        lines = differences(session)
    assert [line.split(":")[0] for line in lines] == [
        "tally_month field H23.45 2023-10-01 ",
        "tally_day H23.46 2023-10-02",
        "unit_news H23.45",
        "unit_news H23.46",
    ]
    assert lines[1].endswith("received_online 6 ≠ 1 (đã công bố ≠ đếm lại; published ≠ recounted)"), lines[1]
    assert lines[2].endswith(FRIDAY)
    with database.reading() as session:
        recounted = list(tally_recount.recount(session))
    client.push(dossier("C", unit_code="H23.46", channel="online", changed_at=FRIDAY))  # between recount and repair
    for part in recounted:  # a unit each, and the newest changes of all
        tally_recount.mend(database, part)
    with database.reading() as session:
        assert differences(session) == []
    assert kept(database) == {"H23.45": FRIDAY, "H23.46": FRIDAY}


def test_a_tally_of_a_unit_without_dossiers_is_named(client: Client, database: Database) -> None:
    push_some(client)
    with database.writing() as session:
        session.execute(text("UPDATE tally_day SET unit_code = 'H99' WHERE unit_code = 'H23.46'"))
    with database.reading() as session:
        lines = differences(session)
    assert [line.split(":")[0] for line in lines] == ["tally_day H23.46 2023-10-02", "tally_day H99 2023-10-02"]


def test_few_rows_are_mended_in_one_transaction(
    client: Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A push waits for the rows of one transaction."""
    push_some(client)
    with database.writing() as session:
        session.execute(text("DELETE FROM tally_day WHERE unit_code = 'H23.45'"))
    with database.reading() as session:
        part, *_ = tally_recount.recount(session)
    began: list[Database] = []
    writing = Database.writing

    def noting(database: Database) -> AbstractContextManager[Session]:
        began.append(database)
        return writing(database)

    monkeypatch.setattr(tally_recount, "_AT_ONCE", 1)
    monkeypatch.setattr(Database, "writing", noting)
    tally_recount.mend(database, part)
    assert (len(part.tallies), len(began)) == (2, 3)  # the last is of the newest changes


@pytest.mark.parametrize("progress", [True, False])
def test_a_bar_is_shown_to_who_asks_for_it(
    client: Client, database: Database, capsys: pytest.CaptureFixture[str], progress: bool
) -> None:
    push_some(client)
    with database.reading() as session:
        assert [*tally_recount.recount(session, progress=progress)] == []
    assert ("Đếm lại hồ sơ" in capsys.readouterr().err) is progress


def test_a_database_of_the_first_schema_is_brought_up_with_its_data(client: Client, database: Database) -> None:
    push_some(client)
    before = client.stats(period="2023")
    command.downgrade(migrations.alembic_config(database), "0002")
    migrations.upgrade(database)
    assert kept(database) == {"H23.45": FRIDAY, "H23.46": MONDAY}
    assert client.stats(period="2023", as_of=before["as_of"]) == before


@pytest.mark.parametrize(("status", "count"), [("withdrawn", "withdrawn_late"), ("stopped", "stopped_late")])
def test_an_upgrade_counts_what_had_ended_after_its_due_moment(
    client: Client, database: Database, status: str, count: str
) -> None:
    for code, ended in (("A", "2023-10-05"), ("B", "2023-10-09")):
        client.push(dossier(code, status=status, received_at="2023-10-02", due_at="2023-10-06", finished_at=ended))
    before = client.stats(period="2023")
    command.downgrade(migrations.alembic_config(database), "source_headings")
    migrations.upgrade(database)
    after = client.stats(period="2023", as_of=before["as_of"])
    assert (after["counts"][status], after["counts"][count]) == (2, 1)
    assert after == before
    with database.reading() as session:
        assert differences(session) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sqlite_is_not_told_to_sort_in_memory(database: Database) -> None:
    """Ten million dossiers in the order of their units took 800 MB. With 0 what is much goes to disk."""
    with database.reading(patient=True) as session:
        assert session.scalar(text("PRAGMA temp_store")) == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_references_are_checked_after_a_migration_and_not_at_each_start(database: Database, database_url: str) -> None:
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as plain, plain:
        plain.execute("INSERT INTO duplicate_pair VALUES (98, 'A', 99, 'B', 'candidate', 'same', NULL)")  # of nobody
    migrations.upgrade(database)  # nothing to do: a start does not look
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as plain, plain:
        plain.execute("UPDATE alembic_version SET version_num = 'covering_indexes'")
        for table in ("field", "procedure"):  # what the newest migration adds
            plain.execute(f"ALTER TABLE {table} DROP COLUMN learned_at")
    with pytest.raises(RuntimeError, match="references"):
        migrations.upgrade(database)
