"""What a good engineer would write first: parse, validate with the same schema, upsert; and count with SQL.

No tallies, no versions, no history: one table, one upsert, one index for the count. Served by the
same web server as the product: `python -m bench.baseline`.
"""

import os
from typing import Any

import orjson
from flask import Flask, Response, request
from granian import Granian
from granian.constants import Interfaces
from sqlalchemy import Column, Index, Integer, MetaData, SmallInteger, String, Table, Text
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from models.base import Instant
from service.domain.dossier.events import DossierEvent
from service.schemas.dossier_input import DossierSchema, read_record
from service.store.database import Database

_MOMENTS = ("submitted_at", "received_at", "due_at", "finished_at", "returned_at", "changed_at")
_TEXTS = ("unit_code", "procedure_code", "field_code", "field_name")
CHUNK = 2000

metadata = MetaData()
DOSSIER = Table(
    "plain_dossier",
    metadata,
    Column("source_id", Integer, primary_key=True),
    Column("code", String(64), primary_key=True),
    *(Column(name, String(300)) for name in _TEXTS),
    Column("status", SmallInteger),
    Column("channel", SmallInteger),
    *(Column(name, Instant) for name in _MOMENTS),
    Column("pauses", Text),
    Index("ix_plain_dossier_unit", "unit_code", "received_at"),
)


def row_of(record: DossierEvent) -> dict[str, Any]:
    """Return the row of a validated record."""
    snapshot = record.snapshot
    names = ("code", *_TEXTS, "status", "channel", *_MOMENTS)
    pauses = orjson.dumps([list(pause) for pause in snapshot.pauses]).decode() if snapshot.pauses else None
    return {"source_id": 1, **{name: getattr(snapshot, name) for name in names}, "pauses": pauses}


def upsert_statement(sqlite: bool) -> Any:
    """Return the upsert, in the form in which it is printed beside its time."""
    statement = sqlite_insert(DOSSIER) if sqlite else pg_insert(DOSSIER)
    changed = {c.name: statement.excluded[c.name] for c in DOSSIER.columns if not c.primary_key}
    return statement.on_conflict_do_update(index_elements=["source_id", "code"], set_=changed)


def create_app(database: Database) -> Flask:
    """Build the plain service."""
    app = Flask("baseline")
    metadata.create_all(database.engine)
    statement = upsert_statement(database.is_sqlite)
    schema = DossierSchema()
    fixed = orjson.dumps({"status": "ok"})

    @app.get("/healthz")
    def healthz() -> Response:
        return Response(fixed, content_type="application/json")

    @app.post("/batch")
    def batch() -> Response:
        rows: dict[str, dict[str, Any]] = {}
        rejected = 0
        for line in request.get_data().split(b"\n"):
            record = read_record(orjson.loads(line), schema.load)
            if isinstance(record, DossierEvent):
                rows[record.snapshot.code] = row_of(record)
            else:
                rejected += 1
        distinct = list(rows.values())
        with database.engine.begin() as connection:
            for start in range(0, len(distinct), CHUNK):
                connection.execute(statement, distinct[start : start + CHUNK])
        return Response(orjson.dumps({"stored": len(rows), "rejected": rejected}))

    @app.post("/one")
    def one() -> Response:
        record = read_record(request.get_json(), schema.load)
        if not isinstance(record, DossierEvent):
            return Response(orjson.dumps(record.errors), 422)
        with database.engine.begin() as connection:
            connection.execute(statement, row_of(record))
        return Response(orjson.dumps({"code": record.snapshot.code}), 201)

    @app.get("/same")
    def same() -> Response:
        return Response(_same_bytes(), content_type="application/json")

    return app


def _same_bytes() -> bytes:
    with open(os.environ["BENCH_SAME"], "rb") as file:  # noqa: PTH123 - read once
        return file.read()


def load(_target: str) -> Flask:
    """Make the plain service in the worker."""
    return create_app(Database(os.environ["DATABASE_URL"]))


if __name__ == "__main__":
    Granian(
        "bench.baseline",
        address="127.0.0.1",
        port=int(os.environ["PORT"]),
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=8,
        log_enabled=False,
    ).serve(target_loader=load)
