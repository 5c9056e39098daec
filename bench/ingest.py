"""Batch ingest over HTTP beside what one would write first, and beside the bare database."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.dialects import postgresql, sqlite

from bench import world
from bench.baseline import DOSSIER, metadata, row_of, upsert_statement
from bench.measuring import show, verdict
from bench.serving import databases, request, server
from service.domain.dossier.events import DossierEvent
from service.schemas.dossier_input import read_record
from service.store import migrations, sources
from service.store.database import Database

COUNT, BATCH = 100_000, 20_000
NDJSON = {"Content-Type": "application/x-ndjson"}


def new_source(url: str) -> str:
    """Migrate a database, add a source and return its key."""
    database = Database(url)
    migrations.upgrade(database)
    with database.writing() as session:
        key = sources.add(session, "bench", None, datetime.now(UTC))
    database.engine.dispose()
    return key


def post_in_turns(bodies: list[bytes], targets: dict[str, Callable[[bytes], None]]) -> dict[str, float]:
    """Post every body to every target, in turns; return the seconds of each."""
    spent = dict.fromkeys(targets, 0.0)
    for body in bodies:
        for name, post in targets.items():
            start = time.perf_counter()
            post(body)
            spent[name] += time.perf_counter() - start
    return spent


def _poster(port: int, path: str, headers: dict[str, str]) -> Callable[[bytes], None]:
    def post(body: bytes) -> None:
        status, answer = request(port, "POST", path, body, headers)
        if status != 200:
            raise RuntimeError(f"{path}: {status} {answer[:300]!r}")

    return post


def bare_limit(url: str, bodies: list[bytes]) -> float:
    """Return the seconds that the database alone needs for the plain rows, ready made."""
    database = Database(url)
    metadata.create_all(database.engine)
    records = (read_record(orjson.loads(line)) for body in bodies for line in body.split(b"\n"))
    rows = [row_of(record) for record in records if isinstance(record, DossierEvent)]
    start = time.perf_counter()
    with database.engine.begin() as connection:
        if database.is_sqlite:
            _executemany(connection, rows)
        else:
            _copy_and_merge(connection, rows)
    spent = time.perf_counter() - start
    database.engine.dispose()
    return spent


def _executemany(connection: Any, rows: list[dict[str, Any]]) -> None:
    names = [column.name for column in DOSSIER.columns]
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    plain = [
        tuple(round((v - epoch).total_seconds() * 1e6) if isinstance(v, datetime) else v for v in (r[n] for n in names))
        for r in rows
    ]
    changed = ", ".join(f"{n} = excluded.{n}" for n in names[2:])
    connection.exec_driver_sql(
        f"INSERT INTO plain_dossier ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        f" ON CONFLICT (source_id, code) DO UPDATE SET {changed}",
        plain,
    )


def _copy_and_merge(connection: Any, rows: list[dict[str, Any]]) -> None:
    names = [column.name for column in DOSSIER.columns]
    connection.execute(text("CREATE TEMP TABLE incoming (LIKE plain_dossier) ON COMMIT DROP"))
    statement = f"COPY incoming ({', '.join(names)}) FROM STDIN"
    with connection.connection.driver_connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([row[name] for name in names])
    changed = ", ".join(f"{n} = excluded.{n}" for n in names[2:])
    connection.execute(
        text(f"INSERT INTO plain_dossier SELECT * FROM incoming ON CONFLICT (source_id, code) DO UPDATE SET {changed}")
    )


def run() -> None:
    """Measure on both databases and print."""
    bodies = list(world.ndjson(world.dossiers(COUNT, world.FIRST, 30), BATCH))
    rows: list[tuple[str, ...]] = [
        (
            "",
            "dịch vụ / product",
            "(a) viết đầu tiên / written first",
            "(b) giới hạn / limit",
            "a ÷ product",
            "b ÷ product",
        )
    ]
    for kind in ("sqlite", "postgresql"):
        with databases(kind) as make:
            ours, plain = make("ours"), make("plain")
            key = new_source(ours)
            with server("service.serve", ours) as product, server("bench.baseline", plain) as baseline:
                headers = {**NDJSON, "Authorization": f"Bearer {key}"}
                spent = post_in_turns(
                    bodies,
                    {
                        "ours": _poster(product, "/api/v1/dossiers/batch", headers),
                        "plain": _poster(baseline, "/batch", NDJSON),
                    },
                )
            limit = bare_limit(make("limit"), bodies)
        rate = {name: f"{COUNT / seconds:,.0f}/s" for name, seconds in {**spent, "limit": limit}.items()}
        ratio = spent["plain"] / spent["ours"]
        rows.append(
            (kind, rate["ours"], rate["plain"], rate["limit"], verdict(ratio, 0.5), f"{limit / spent['ours']:.2f}")
        )
    show(f"Nhận theo lô / batch ingest: {COUNT} hồ sơ, {BATCH} một lô", rows)
    print("\nSQL (a):\n")
    dialects: list[tuple[Any, bool]] = [(sqlite.dialect(), True), (postgresql.dialect(), False)]  # type: ignore[no-untyped-call]
    for dialect, is_sqlite in dialects:
        print(f"    {' '.join(str(upsert_statement(is_sqlite).compile(dialect=dialect)).split())}\n")


if __name__ == "__main__":
    run()
