"""A migration that builds an index stops no question and no push, and new migrations are held to that."""

import time
from contextlib import ExitStack
from pathlib import Path

from alembic import command
from sqlalchemy import text

from migrations.lint import main
from service.store import migrations
from service.store.database import Database
from tests.ops.processes import running, until
from tests.ops.test_databases import new_url, on_server

__all__ = ["new_url"]
_ADD = "INSERT INTO tally_day SELECT 'U', DATE '2023-01-01' + {day}, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0"
_BUILT = "SELECT indisvalid FROM pg_index WHERE indexrelid::regclass::text = 'ix_tally_day_day'"
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


def test_a_migration_that_would_stop_pushes_is_found(tmp_path: Path) -> None:
    (tmp_path / "versions").mkdir()
    (tmp_path / "versions" / "careless.py").write_text(SCRIPT)
    assert main(tmp_path, frozenset()) != 0
    assert main() == 0
