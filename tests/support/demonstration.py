"""The demonstration in a SQLite file of its own, loaded once for all tests that look at it."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from service import demonstration
from service.app import create_app
from service.domain.calendar.work_calendar import DEFAULT_HOURS
from service.settings import Settings
from service.store import migrations
from service.store.database import Database

UNIT = demonstration.UNIT
AS_OF = demonstration.AS_OF
QUERY = "as_of=2023-10-04T13:37:34%2B07:00"

LINES = (
    "Kết quả giải quyết TTHC",
    "Đến tháng 10 đã giải quyết:",
    "99.9%",
    "Số hồ sơ xử lý: 41362",
    "Trước & đúng hạn: 41049",
    "Trễ hạn: 26",
    "Trễ hạn: 0.1%",
    "Chi tiết",
    "Cập nhật lúc: 04/10/2023 13:37:34",
)
"""What the portal printed."""


@pytest.fixture(scope="session")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Load the demonstration into a file."""
    path = tmp_path_factory.mktemp("demo") / "demo.sqlite3"
    database = Database(f"sqlite:///{path}")
    migrations.upgrade(database)
    with database.writing() as session:
        demonstration.load(session, datetime.now(UTC), DEFAULT_HOURS)
    database.engine.dispose()
    return path


@pytest.fixture(scope="session")
def demo_app(demo_file: Path) -> Iterator[Flask]:
    """Give the application on the demonstration, to be read only."""
    yield from _application(demo_file)


@pytest.fixture
def demo_copy(demo_file: Path, tmp_path: Path) -> Iterator[Flask]:
    """Give the application on a copy of the demonstration, to be changed."""
    yield from _application(Path(shutil.copy(demo_file, tmp_path)))


def _application(path: Path) -> Iterator[Flask]:
    application = create_app(Settings(database_url=f"sqlite:///{path}", cache_seconds=0, log_level="ERROR"))
    yield application
    application.extensions["tthc"].database.engine.dispose()
