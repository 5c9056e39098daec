"""The serving process: settings, database, demonstration, web server and jobs; ends cleanly on TERM.

Only this process starts jobs: importing the application or running a command never does.
"""

import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.util import Finalize
from typing import Any

import structlog
from flask import Flask
from granian import Granian
from granian.constants import Interfaces

from jobs.scheduler import start
from service import demonstration
from service.app import create_app
from service.settings import Settings, load_settings
from service.store import migrations
from service.store.database import Database
from service.telemetry import logs

_log = logging.getLogger("tthc.serve")


def prepare(settings: Settings) -> None:
    """Migrate the database; load the demonstration into a new one, and say where it can be seen."""
    database = Database(settings.database_url)
    is_new = migrations.current(database) is None
    migrations.upgrade(database)
    if is_new and settings.demo:
        with database.writing() as session:
            demonstration.load(session, datetime.now(UTC), settings.hours, progress=sys.stderr.isatty())
        base = settings.public_url or f"http://localhost:{settings.port}"
        print(  # noqa: T201 - the operator reads this
            f"Dữ liệu minh họa đã nạp; mở / the demonstration is loaded, open:\n"
            f"  {base}{demonstration.PAGE_PATH}\n  {base}{demonstration.WIDGET_PATH}\n"
            "(hồ sơ dựng, tổng số thật / made-up dossiers, real totals; DEMO=0: không nạp / starts empty)",
            flush=True,
        )
    database.engine.dispose()
    structlog.contextvars.clear_contextvars()  # what the demonstration's lines carried


def load_app(_target: str) -> Flask:
    """Make the application in the worker, with the jobs beside it; both end with the worker."""
    settings = load_settings()
    app = create_app(settings)
    if settings.jobs == "inline":
        scheduler = start(app.extensions["tthc"])
        Finalize(None, scheduler.shutdown, exitpriority=10)
    return app


def main(loader: Callable[[str], Flask] = load_app) -> None:
    """Serve until INT or TERM; requests in flight finish first, and a running job is waited for."""
    settings = load_settings()
    logs.configure(settings)
    prepare(settings)
    server: Any = Granian(
        "service.serve",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=settings.threads,
        respawn_failed_workers=True,
        workers_kill_timeout=60,
        log_access=False,
        log_dictconfig={
            "version": 1,
            "disable_existing_loggers": False,
            "loggers": {"_granian": {"propagate": True}},
        },
    )
    server.serve(target_loader=loader)


if __name__ == "__main__":
    main()
