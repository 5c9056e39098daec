"""SQLite's one writer: who waits for whom, and what of a known dossier is written anew."""

import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from models.dossiers import Dossier
from service.store.database import Database
from tests.ops.processes import until
from tests.support.client import Client, dossier


@pytest.fixture
def small(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "tthc.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{path}")
    yield database
    database.engine.dispose()


def test_a_single_push_waits_for_one_batch_at_most(small: Database) -> None:
    """Two batches wait while a third is filed, then it comes: one of the two at most is filed before it."""
    order: list[str] = []
    writing = threading.Barrier(2)
    go_on = threading.Event()

    def first() -> None:
        with small.writing(long=True):
            writing.wait()
            go_on.wait(30)

    def write(name: str, **options: Any) -> None:
        with small.writing(**options):
            order.append(name)

    threads = [threading.Thread(target=first)]
    threads[0].start()
    writing.wait(30)
    for name, options in (("batch", {"long": True}), ("batch", {"long": True}), ("single", {})):
        threads.append(threading.Thread(target=write, args=(name,), kwargs=options))
        threads[-1].start()
        until(lambda thread=threads[-1]: _waits_for_its_turn(thread), step=0.01)  # type: ignore[misc]
        time.sleep(0.1)  # until it stands in line for the lock itself
    go_on.set()
    for thread in threads:
        thread.join(60)
    assert order.index("single") < 2, order


def _waits_for_its_turn(thread: threading.Thread) -> bool:
    frame = sys._current_frames().get(thread.ident or 0)
    return frame is not None and frame.f_code.co_name == "_turn"


def test_an_update_names_only_the_columns_that_change(client: Client, database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL writes a whole row in any case")
    client.push(dossier("H-1"))
    statements: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *said: statements.append(said[2]))
    client.push(dossier("H-1", channel="postal"))
    (update,) = (said for said in statements if said.startswith('UPDATE "dossier"'))
    assert '"channel" = ?' in update
    assert '"received_at"' not in update
    with database.reading() as session:
        assert session.scalar(select(Dossier.channel)) == 3
