"""A migration that builds an index, or changes many rows, stops no question and no push; new ones are held to that."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text

from migrations import lateness_of_before
from migrations.lint import main
from service.store import migrations
from service.store.database import Database
from tests.ops.processes import running, until
from tests.ops.test_databases import new_url, on_server

__all__ = ["new_url"]
_ADD = "INSERT INTO tally_day SELECT 'U', DATE '2023-01-01' + {day}, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0"
_BUILT = "SELECT indisvalid FROM pg_index WHERE indexrelid::regclass::text = 'ix_tally_day_day'"
_SOURCES = """
INSERT INTO source (id, code, key_id, key_hash, ok_code, created_at)
SELECT id, 'S' || id, id, '', '0', now() FROM generate_series(1, 2) id
"""
_DOSSIERS = """
INSERT INTO dossier (source_id, code, unit_code, procedure_code, channel, status, has_pauses, changed_at, known_at,
  digest, received_at, due_at, ended_at, outcome, span)
SELECT s.id, 'D-' || n, 'U', '1.000001', 1, 9, false, now(), now(), '', now(), now() + '1 day', now(), 'early', 0
FROM source s, generate_series(1, 3000) n
"""
_VERSIONS = """
INSERT INTO dossier_version
  (source_id, code, kind, result, unit_code, changed_at, known_at, request_id, digest, payload)
SELECT source_id, code, 'snapshot', 'created', 'U', now(), now(), '', '', '{"status":' || told || '}'
FROM dossier, unnest(ARRAY[4, 9]) told ORDER BY told
"""
_WAITS = """
SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%FROM dossier%FOR UPDATE%'
"""
_LEFT = "SELECT code FROM dossier WHERE source_id = 1 AND end_known_at IS NULL"
_READ = "SELECT count(*) FROM dossier d JOIN source s ON s.id = d.source_id"
_HELD = "UPDATE dossier SET known_at = now() WHERE source_id = 1 AND code = 'D-1'"
SCRIPT = """
from alembic import op
revision, down_revision = "careless", None
def upgrade(): op.create_index("ix", "dossier", ["unit_code"])
"""


def test_an_index_is_built_beside_an_unfinished_push_and_stops_no_other(new_url: str, tmp_path: Path) -> None:
    database = Database(new_url)
    command.upgrade(migrations.alembic_config(database), "test_sources")
    waited = []
    command_line = ["-m", "flask", "--app", "wsgi", "db", "upgrade"]
    with database.engine.connect() as unfinished, ExitStack() as stack:
        unfinished.execute(text(_ADD.format(day=0)))
        upgrades = [  # two replicas start at the same time
            stack.enter_context(running(command_line, new_url, tmp_path / name)) for name in ("a", "b")
        ]
        until(lambda: on_server(new_url, _BUILT) == ["False"], 90)
        for day in range(1, 20):
            began = time.monotonic()
            on_server(new_url, _ADD.format(day=day), "SELECT count(*) FROM tally_day")
            waited.append(time.monotonic() - began)
        assert on_server(new_url, _BUILT) == ["False"], "it waits for the unfinished one"
        unfinished.rollback()
        for upgrade in upgrades:
            assert upgrade.process.wait(120) == 0, upgrade.text()
    assert on_server(new_url, _BUILT) == ["True"]
    assert migrations.state(database).fits
    assert max(waited) < 1, waited
    database.engine.dispose()


def test_many_rows_are_changed_beside_a_push_that_waits_for_none_of_them(new_url: str, tmp_path: Path) -> None:
    """A push that is not finished holds its own dossier up, and nobody else: neither source nor table is locked."""
    database = Database(new_url)
    command.upgrade(migrations.alembic_config(database), "lateness")
    on_server(new_url, _SOURCES, _DOSSIERS, _VERSIONS)
    waited = []
    with database.engine.connect() as unfinished:
        unfinished.execute(text("SELECT 1 FROM source WHERE id = 1 FOR UPDATE"))
        unfinished.execute(text(_HELD))
        with running(["-m", "flask", "--app", "wsgi", "db", "upgrade"], new_url, tmp_path / "log") as upgrade:
            until(lambda: on_server(new_url, _WAITS) == ["1"], 90)
            for number in range(2, 20):
                began = time.monotonic()
                on_server(new_url, f"UPDATE dossier SET known_at = now() WHERE code = 'D-{number}'", _READ)
                waited.append(time.monotonic() - began)
            assert on_server(new_url, _WAITS) == ["1"]
            unfinished.rollback()
            assert upgrade.process.wait(120) == 0, upgrade.text()
    assert max(waited) < 1, waited
    assert migrations.state(database).fits
    assert on_server(new_url, _LEFT) == []
    assert on_server(new_url, "SELECT count(*) FROM source_news") == ["2"]
    database.engine.dispose()


def _answers(url: str, asked: str, answer: str) -> Callable[[], bool]:
    return lambda: on_server(url, asked) == [answer]


def test_an_upgrade_that_was_killed_half_way_is_begun_anew_by_the_same_command(new_url: str, tmp_path: Path) -> None:
    database = Database(new_url)
    command.upgrade(migrations.alembic_config(database), "lateness")
    on_server(new_url, _SOURCES, _DOSSIERS, _VERSIONS)
    upgrade = ["-m", "flask", "--app", "wsgi", "db", "upgrade"]
    for held, asked, answer in ((_HELD, _WAITS, "1"), (_ADD.format(day=0), _BUILT, "False")):
        with database.engine.connect() as unfinished, running(upgrade, new_url, tmp_path / "log") as killed:
            unfinished.execute(text(held))
            until(_answers(new_url, asked, answer), 90)
            killed.kill()
    assert not migrations.state(database).fits
    with running(upgrade, new_url, tmp_path / "again") as again:
        assert again.process.wait(120) == 0, again.text()
    assert migrations.state(database).fits
    assert on_server(new_url, _LEFT) == []
    assert on_server(new_url, "SELECT count(*) FROM pg_index WHERE NOT indisvalid") == ["0"]
    database.engine.dispose()


@pytest.mark.parametrize(("seconds", "size"), [(0.3, 100), (0.1, 200), (0.01, 300)])
def test_a_part_that_held_its_rows_for_long_makes_the_next_one_smaller(seconds: float, size: int) -> None:
    assert lateness_of_before.next_size(200, seconds) == size


def test_a_migration_that_would_stop_pushes_is_found(tmp_path: Path) -> None:
    (tmp_path / "versions").mkdir()
    (tmp_path / "versions" / "careless.py").write_text(SCRIPT)
    assert main(tmp_path, frozenset()) != 0
    assert main() == 0


def test_large_and_busy_tables_are_cleaned_after_a_share_of_their_own(postgres_url: str) -> None:
    asked = "SELECT relname FROM pg_class WHERE relkind = 'r' AND reloptions::text LIKE '%autovacuum_%' ORDER BY 1"
    told = on_server(postgres_url, asked)
    assert told == ["dossier", "dossier_version", "source", "source_news", "tally_day", "tally_month", "unit_news"]
