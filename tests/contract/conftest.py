"""The running service and its description, for clients that were generated from it."""

import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from service.app import create_app
from service.settings import Settings


@dataclass(frozen=True)
class Served:
    """A service that runs: its address, a source's key, and the file of its description."""

    address: str
    key: str
    description: Path


@pytest.fixture(scope="module")
def served(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    shutil.copy(sqlite_template, folder / "served.sqlite3")
    app = create_app(Settings(database_url=f"sqlite:///{folder / 'served.sqlite3'}", log_level="ERROR"))
    key = app.test_cli_runner().invoke(args=["sources", "add", "generated"]).stdout.splitlines()[-1]
    description = folder / "openapi.json"
    description.write_text(json.dumps(app.test_client().get("/openapi.json").json))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Served(f"http://127.0.0.1:{server.server_port}", key, description)
    server.shutdown()
    thread.join()
    server.server_close()
    app.extensions["tthc"].database.engine.dispose()
