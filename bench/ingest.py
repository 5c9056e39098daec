"""Batches over HTTP: beside what one would write first (a), beside the bare database (b), and beside each other."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import MetaData, text
from sqlalchemy.orm import Session

from bench import dataset
from bench.baseline import DOSSIER, metadata, row_of, upsert_statement
from bench.measuring import heading, line
from bench.scale import INGESTED, KINDS, SCALE
from bench.serving import databases, post, server
from service.domain.dossier.events import DossierEvent
from service.schemas.dossier_input import read_record
from service.store import migrations, sources
from service.store.database import Database
from service.store.sql import execute_many, insert_rows

BATCH = 20_000 if SCALE != "quick" else 5000
NDJSON = {"Content-Type": "application/x-ndjson"}
_LATER = "2026-01-02T08:00:00+07:00"
_CHANNEL = {"direct": "1", "online": "2", "postal": "3"}
_STAGING = DOSSIER.to_metadata(MetaData(), name="incoming")


def new_source(url: str, code: str = "bench") -> dict[str, str]:
    """Migrate a database, add a source and return the headers of its batches."""
    database = Database(url)
    migrations.upgrade(database)
    with database.writing() as session:
        key = sources.add(session, code, None, datetime.now(UTC))
    database.engine.dispose()
    return {**NDJSON, "Authorization": f"Bearer {key}"}


def post_in_turns(rounds: Iterator[dict[str, Callable[[], object]]]) -> dict[str, float]:
    """Run what each round holds, in turn; return the seconds of each."""
    spent: dict[str, float] = {}
    for targets in rounds:
        for name, send in targets.items():
            start = time.perf_counter()
            send()
            spent[name] = spent.get(name, 0.0) + time.perf_counter() - start
    return spent


def bare_limit(url: str, bodies: list[bytes]) -> float:
    """Return the seconds that the database alone needs for the plain rows, ready made."""
    database = Database(url)
    metadata.create_all(database.engine)
    records = (read_record(orjson.loads(line)) for body in bodies for line in body.split(b"\n"))
    rows = [tuple(row_of(record).values()) for record in records if isinstance(record, DossierEvent)]
    start = time.perf_counter()
    with database.writing() as session:
        if database.is_sqlite:
            execute_many(session, upsert_statement(True), DOSSIER, rows)
        else:
            _copy_and_merge(session, rows)
    spent = time.perf_counter() - start
    database.engine.dispose()
    return spent


def _copy_and_merge(session: Session, rows: list[tuple[Any, ...]]) -> None:
    names = [column.name for column in DOSSIER.columns]
    session.execute(text("CREATE TEMP TABLE incoming (LIKE plain_dossier) ON COMMIT DROP"))
    insert_rows(session, _STAGING, names, rows)
    changed = ", ".join(f"{name} = excluded.{name}" for name in names[2:])
    merge = f"INSERT INTO plain_dossier SELECT * FROM incoming ON CONFLICT (source_id, code) DO UPDATE SET {changed}"
    session.execute(text(merge))


def _time(moment: str | None) -> str:
    """Write an RFC 3339 local time or a date as the national format does."""
    return "".join(filter(str.isdigit, (moment or "")[:19]))


def ho_so(record: dict[str, Any]) -> dict[str, Any]:
    """Write a dossier as one-stop software sends it to the national portal."""
    asked = [{"NgayBoSung": _time(pause["from"]), "NgayTiepNhanBoSung": ""} for pause in record.get("pauses", ())]
    return {
        "MaHoSo": record["code"],
        "MaTTHC": record["procedure_code"],
        "MaLinhVuc": record["field_code"],
        "KenhThucHien": _CHANNEL[record["channel"]],
        "ChuHoSo": "NGƯỜI NỘP",
        "NgayTiepNhan": _time(record["received_at"]),
        "NgayHenTra": _time(record["due_at"]),
        "TrangThaiHoSo": str(record["status"]),
        "NgayKetThucXuLy": _time(record.get("finished_at")),
        "DanhSachHoSoBoSung": asked,
    }


def _national(body: bytes) -> bytes:
    return orjson.dumps([ho_so(orjson.loads(line)) for line in body.split(b"\n")])


def _updated(body: bytes) -> bytes:
    """Return the same dossiers with later news: handed out, by post."""
    records = ({**orjson.loads(line), "changed_at": _LATER, "channel": "postal"} for line in body.split(b"\n"))
    return b"\n".join(map(orjson.dumps, records))


def _measure(kind: str, bodies: list[bytes]) -> None:
    with databases(kind) as make:
        urls = [make(name) for name in ("ours", "national", "plain")]
        ours, national = map(new_source, urls[:2])
        with (
            server("service.serve", urls[0]) as product,
            server("service.serve", urls[1]) as other,
            server("bench.baseline", urls[2]) as baseline,
        ):
            bare = f"/national/DongBoHoSoMC?MaDinhDanhDV={dataset.PROVINCE}"
            as_json = {**national, "Content-Type": "application/json"}

            def batch(body: bytes) -> Callable[[], object]:
                return lambda: post(product, "/api/v1/dossiers/batch", body, ours)

            def turns(body: bytes) -> dict[str, Callable[[], object]]:
                hoso, later = _national(body), _updated(body)
                return {
                    "new": batch(body),
                    "plain": lambda: post(baseline, "/batch", body, NDJSON),
                    "national": lambda: post(other, bare, hoso, as_json),
                    "replay": batch(body),
                    "update": batch(later),
                }

            spent = post_in_turns(map(turns, bodies))
        limit = spent["limit"] = bare_limit(make("limit"), bodies)
    rate = {name: f"{INGESTED / took:,.0f}/s" for name, took in spent.items()}
    limit_needed = 0.25 if kind == "sqlite" else 0.2
    new = spent["new"]
    line(f"{kind}: new ÷ (a)", spent["plain"] / new, f"{rate['new']}, {rate['plain']}", least=1.2)
    line(f"{kind}: new ÷ (b)", limit / new, rate["limit"], least=limit_needed)
    for name, least in (("update", 0.7), ("replay", 1.5), ("national", 0.8)):
        line(f"{kind}: {name} ÷ new", new / spent[name], rate[name], least=least)


def run() -> None:
    """Measure on both databases and print."""
    bodies = list(dataset.ndjson(dataset.dossiers(INGESTED, dataset.FIRST, 30), BATCH))
    heading(f"Nhận theo lô / batches: {INGESTED} hồ sơ, {BATCH} một lô / a batch")
    for kind in KINDS:
        _measure(kind, bodies)


if __name__ == "__main__":
    run()
