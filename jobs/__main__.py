"""The jobs as a process of their own: `python -m jobs` (or `make jobs`); ends cleanly on INT and TERM.

The servers may run with TTHC_JOBS=off then, or not: each scheduled run happens once either way.
"""

import argparse
import logging
import signal
from importlib import import_module
from threading import Event

from jobs.scheduler import JobScheduler, Runner
from service.components import Components
from service.domain.errors import CallerError
from service.environment import load_settings
from service.store import migrations
from service.store.engines.unavailable import explained
from service.telemetry import logs

_log = logging.getLogger("tthc.jobs")


def main() -> None:
    """Run the jobs until INT or TERM; then wait for those that run."""
    parser = argparse.ArgumentParser(prog="python -m jobs", description=__doc__)
    parser.add_argument("--table", default="jobs.schedule:JOBS", help="table of jobs, as module:NAME")
    module, name = parser.parse_args().table.split(":")
    settings = load_settings()
    logs.configure(settings)
    service = Components.of(settings)
    try:
        with explained(service.database.url):
            migrations.upgrade(service.database)
    except CallerError as error:
        raise SystemExit(str(error)) from None
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    scheduler = JobScheduler(Runner(service), table := getattr(import_module(module), name))
    _log.info("jobs run: %s", ", ".join(job.name for job in table))
    while not stop.wait(1):  # a signal that another thread receives is handled here, but does not end the wait
        pass
    _log.info("stopping: waiting for running jobs")
    scheduler.shutdown()
    service.database.engine.dispose()


if __name__ == "__main__":
    main()
