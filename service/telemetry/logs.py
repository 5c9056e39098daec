"""Logs for machines: one JSON line an event, on stderr, with the request's id and never its content."""

import logging
import sys

import structlog

from service.settings import Settings

_log = structlog.get_logger("tthc")
_root = logging.getLogger()


def configure(settings: Settings) -> None:
    """Send every log line, ours and the libraries', through one renderer."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    renderers: list[structlog.typing.Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if settings.log_format == "json"
        else [structlog.dev.ConsoleRenderer(colors=False)]
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers]
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    _root.handlers = [handler]
    _root.setLevel(settings.log_level)
    logging.getLogger("alembic").setLevel("WARNING")
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def request_done(method: str, route: str, status: int, seconds: float) -> None:
    """Log one line for a finished request; reads are for debugging, writes and errors for operators.

    The request's id, the source and what became of its records stand in every line of the request:
    they are bound to it (structlog.contextvars) where they become known.
    """
    quiet = method in ("GET", "HEAD", "OPTIONS") and status < 500
    if quiet and not _root.isEnabledFor(logging.DEBUG):
        return
    (_log.debug if quiet else _log.info)("request", method=method, route=route, status=status, ms=round(seconds * 1000))
