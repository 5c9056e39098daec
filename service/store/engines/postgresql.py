"""The engine of PostgreSQL: settings of each session, poolers, and waits that end."""

import re
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL

from service.store.engines.bounded import BoundedConnection, Server

LOCK_SECONDS = 60
STATEMENT_SECONDS = 120
_LONGEST_SECONDS = STATEMENT_SECONDS + 5.0
"""For a server that cannot answer; longer than the server's own limit, whose error says why."""

_MARK = "tthc.session"
_SETTINGS = {
    "statement_timeout": f"{STATEMENT_SECONDS}s",
    "lock_timeout": f"{LOCK_SECONDS}s",
    "idle_in_transaction_session_timeout": f"{STATEMENT_SECONDS}s",
    "client_connection_check_interval": "5s",  # ends statements of clients that went away
    "timezone": "UTC",
    "jit": "off",  # the statements are short: compiling them costs more than running them
    _MARK: "on",
}
_KEEPALIVES = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
_CONNECT_ARGS = {"connect_timeout": 10, **_KEEPALIVES, "tcp_user_timeout": 10_000, "fallback_application_name": "tthc"}
"""In seconds; tcp_user_timeout in milliseconds."""
_OPTION = re.compile(r"(?:-c\s*|--)([\w.]+)=((?:\\.|\S)*)")
r"""`-csearch_path=x -c jit=on`, as libpq takes it in DATABASE_URL; a blank in a value is `\ `."""


def create(url: URL, pool_size: int) -> Engine:
    """Create the engine; settings come as start-up options, or with each transaction behind a pooler."""
    in_url = url.query.get("options", "")
    options = _OPTION.findall(in_url if isinstance(in_url, str) else " ".join(in_url))
    settings = _SETTINGS | {name: re.sub(r"\\(.)", r"\1", value) for name, value in options}
    server = Server()
    engine = create_engine(
        url.difference_update_query(["options"]),
        pool_size=pool_size,
        max_overflow=4,
        pool_timeout=5,
        pool_pre_ping=True,
        pool_recycle=1800,
        connect_args=_CONNECT_ARGS,
    )

    @event.listens_for(engine, "do_connect")
    def _connect(_dialect: Any, record: Any, _args: Any, parameters: dict[str, Any]) -> BoundedConnection:
        with server.heard_lately():
            connection, pooled = _open(parameters, settings)
        connection.server = server
        record.info["pooled"] = pooled
        return connection

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        driver: Any = connection.connection.dbapi_connection
        options = connection.get_execution_options()
        driver.answer_seconds = options.get("answer_seconds", _LONGEST_SECONDS)
        driver.is_watched = driver.answer_seconds <= _LONGEST_SECONDS  # a migration waits, too, for a frozen server
        if connection.info.get("pooled"):
            _set_for_transaction(connection, settings)
        if lock_seconds := options.get("lock_seconds"):
            _set_for_transaction(connection, {"lock_timeout": f"{int(lock_seconds * 1000)}ms"})
        if not driver.is_watched:
            _set_for_transaction(connection, {"statement_timeout": "0"})

    @event.listens_for(engine, "checkin")
    def _idle(connection: Any, _record: Any) -> None:
        if connection is not None:
            connection.answer_seconds, connection.is_watched = BoundedConnection.answer_seconds, True
            if not connection.closed:
                connection.read_only = None  # SQLAlchemy leaves False, which overrides a database set to read only

    return engine


def _open(parameters: dict[str, Any], settings: dict[str, str]) -> tuple[BoundedConnection, bool]:
    """Connect, and say whether a pooler stands between: one that keeps no session for us.

    PgBouncer refuses start-up options, or ignores them (`ignore_startup_parameters`). Either way the settings
    must come with each transaction, and no statement may be prepared: the next one may meet another server process.
    """
    escaped = ((name, re.sub(r"([\\\s])", r"\\\1", value)) for name, value in settings.items())
    options = " ".join(f"-c {name}={value}" for name, value in escaped)
    try:
        connection = BoundedConnection.connect(**parameters, options=options)
    except psycopg.OperationalError as error:
        if "unsupported startup parameter" not in str(error):
            raise
        connection = BoundedConnection.connect(**parameters)
    connection.add_notice_handler(connection.note)
    try:
        row = connection.execute("SELECT current_setting(%s, true)", [_MARK], prepare=False).fetchone()
        connection.rollback()
    except psycopg.Error:  # the server went away just now
        connection.close()
        raise
    pooled = row is None or row[0] != "on"
    if pooled:
        connection.prepare_threshold = None
    return connection, pooled


def _set_for_transaction(connection: Connection, settings: dict[str, str]) -> None:
    calls = ", ".join("set_config(%s, %s, true)" for _ in settings)
    values = tuple(part for setting in settings.items() for part in setting)
    connection.exec_driver_sql(f"SELECT {calls}", values)
