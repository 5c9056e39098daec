"""Logs for machines: a JSON line for each event, on stderr, with the request's id and never its content."""

import logging
import sys

import structlog

from service.settings import Settings

_log = structlog.get_logger("tthc")
_root = logging.getLogger()


def configure(settings: Settings) -> None:
    """Let one renderer write all log lines, those of libraries too."""
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
    """Log a finished request: reads at level DEBUG, writes and server errors at INFO.

    The line also has the request's id, its source, and what became of its records: these are bound by
    structlog.contextvars where they become known.
    """
    is_read = method in ("GET", "HEAD", "OPTIONS") and status < 500
    if is_read and not _root.isEnabledFor(logging.DEBUG):
        return
    log = _log.debug if is_read else _log.info
    log("request", method=method, route=route, status=status, ms=round(seconds * 1000))
