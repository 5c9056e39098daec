"""The real server with the fast table of jobs beside it."""

from multiprocessing.util import Finalize

from flask import Flask

from jobs.scheduler import start
from service.app import create_app
from service.serve import main
from tests.jobs.fast import JOBS


def load(_target: str) -> Flask:
    """Make the application and start the fast jobs, as the server starts its own."""
    app = create_app()
    Finalize(None, start(app.extensions["tthc"], JOBS).shutdown, exitpriority=10)
    return app


if __name__ == "__main__":
    main(load)
