"""The serving process: settings, database, demonstration, web server and jobs; ends cleanly on TERM.

Only this process starts jobs: importing the application or running a command never does.
"""

import argparse
import logging
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

import structlog
from flask import Flask

from jobs.schedule import JOBS, Job
from jobs.scheduler import JobScheduler, Runner
from service import demonstration, living_demonstration
from service.app import create_app
from service.database_url import parse_database_url
from service.domain.errors import CallerError
from service.environment import environment, load_settings, names_from_dotenv
from service.formats.json_records.text import MEGABYTE
from service.front.application import Front
from service.front.bodies import SpoolCeiling
from service.front.pools import default_pools
from service.front.server import listen, serve
from service.settings import HOST_DECIDES, Settings
from service.store import migrations, sources
from service.store.database import Database
from service.store.engines.bounded import answer_promptly
from service.store.engines.unavailable import explained
from service.telemetry import logs
from service.view_counter import ViewWriter

_log = logging.getLogger("tthc.serve")


def prepare(settings: Settings) -> None:
    """Migrate the database; load the demonstration into a new one, and say where it can be seen."""
    database = Database(settings.database_url)
    is_new = migrations.state(database).current is None
    migrations.upgrade(database)
    if is_new and settings.demo:
        with database.writing() as session:
            demonstration.load(session, datetime.now(UTC), settings.hours, progress=sys.stderr.isatty())
        base = settings.public_url or f"http://localhost:{settings.port}"
        print(  # noqa: T201 - the operator reads this
            f"Dữ liệu minh họa đã nạp; mở / the demonstration is loaded, open:\n"
            f"  {base}{demonstration.PAGE_PATH}\n  {base}{demonstration.WIDGET_PATH}\n"
            "(hồ sơ mô phỏng, tổng số thật / made-up dossiers, real totals; DEMO=0: không nạp / starts empty)",
            flush=True,
        )
    elif settings.demo:
        with database.writing() as session:
            living_demonstration.renew(session, datetime.now(UTC), settings.hours)
            if sources.id_of(session, demonstration.SOURCE) is None:
                print("Đã có cơ sở dữ liệu, không nạp minh họa (no demonstration: see `demo load`)", flush=True)  # noqa: T201
    database.engine.dispose()
    structlog.contextvars.clear_contextvars()  # else the lines of the server would name the demonstration's source


def front(app: Flask, jobs: Sequence[Job]) -> Front:
    """Put the front before the application; jobs run from the start of serving to its end."""
    parts = app.extensions["tthc"]
    settings: Settings = parts.settings
    schedulers: list[JobScheduler] = []
    views = ViewWriter(parts.views, parts.database)
    pools = default_pools(settings.threads)
    parts.joint_pushes.underway = lambda who: pools["singles"].inside_of(who[0])  # its key

    def begin() -> None:
        answer_promptly()
        views.start()
        if settings.jobs == "inline":
            schedulers.append(JobScheduler(Runner(parts), jobs))

    def end() -> None:
        for scheduler in schedulers:
            scheduler.shutdown()
        views.stop()

    return Front(
        app.wsgi_app,
        app.extensions["tthc-kept"],
        app.extensions["tthc-lanes"],
        pools,
        SpoolCeiling(settings.spool_mb * MEGABYTE),
        parts.attempts.is_right,
        settings.max_wire_mb * MEGABYTE,
        parts.database.is_sqlite,
        begin,
        end,
        urlsplit(settings.public_url).path,
    )


def main(make_app: Callable[[Settings], Flask] = create_app, jobs: Sequence[Job] = JOBS) -> None:
    """Serve until INT or TERM; requests in flight finish first, and a running job is waited for."""
    for number in (signal.SIGINT, signal.SIGTERM):  # uvicorn takes them, and raises them again when it is done
        signal.signal(number, lambda *_: sys.exit(0))
    parser = argparse.ArgumentParser(prog="python -m service.serve", description=__doc__)
    parser.add_argument("--demo", action="store_true", help="load the demonstration into a new database unless DEMO=0")
    settings = load_settings({"DEMO": "1", **environment()} if parser.parse_args().demo else None)
    logs.configure(settings)
    if names := names_from_dotenv():
        _log.info("settings from .env: %s", ", ".join(names))
    listen(settings.host, settings.port).close()  # a port in use is told before the database is touched
    if settings.host_decides:
        _log.warning(HOST_DECIDES)
    try:
        with explained(parse_database_url(settings.database_url)):
            prepare(settings)
    except CallerError as error:
        raise SystemExit(str(error)) from None
    serve(front(make_app(settings), jobs), listen(settings.host, settings.port))


if __name__ == "__main__":
    main()
