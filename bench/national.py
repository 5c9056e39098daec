"""A hundred thousand HoSo through DongBoHoSoMC in batches of 500, beside the same through the NDJSON batch."""

from collections.abc import Iterator
from typing import Any

import orjson

from bench import world
from bench.ingest import NDJSON, new_source, post_in_turns
from bench.measuring import show, verdict
from bench.serving import databases, request, server

COUNT, BATCH = 100_000, 500
_CHANNEL = {"direct": "1", "online": "2", "postal": "3"}


def _time(text: str | None) -> str:
    """Write an RFC 3339 local time or a date as the national format does."""
    return "".join(character for character in (text or "")[:19] if character.isdigit())


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


def _batches() -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for record in world.dossiers(COUNT, world.FIRST, 30):
        # the national format has no changed_at: neither side sends one
        batch.append({name: value for name, value in record.items() if name != "changed_at"})
        if len(batch) == BATCH:
            yield batch
            batch = []


def _session(port: int, key: str) -> str:
    body = orjson.dumps({"username": "bench", "password": key})
    _, answer = request(port, "POST", "/national/login", body, {"Content-Type": "application/json"})
    session: str = orjson.loads(answer)["session"]
    return session


def run() -> None:
    """Measure on both databases and print."""
    rows: list[tuple[str, ...]] = [("", "DongBoHoSoMC", "NDJSON", "NDJSON ÷ DongBoHoSoMC (thời gian/time)")]
    for kind in ("sqlite", "postgresql"):
        with databases(kind) as make:
            theirs, ours = make("theirs"), make("ours")
            keys = [new_source(url) for url in (theirs, ours)]
            with server("service.serve", theirs) as national, server("service.serve", ours) as batch:
                session = _session(national, keys[0])
                headers = {**NDJSON, "Authorization": f"Bearer {keys[1]}"}

                def sync(body: bytes, port: int = national, session: str = session) -> None:
                    sent = {"session": session, "service": "DongBoHoSoMC", "madonvi": world.PROVINCE}
                    items = [ho_so(orjson.loads(line)) for line in body.split(b"\n")]
                    wire = orjson.dumps({**sent, "isUpdating": "False", "data": items})
                    _checked(request(port, "POST", "/national/service", wire, {"Content-Type": "application/json"}))

                def push(body: bytes, port: int = batch, headers: dict[str, str] = headers) -> None:
                    _checked(request(port, "POST", "/api/v1/dossiers/batch", body, headers))

                bodies = [b"\n".join(orjson.dumps(item) for item in items) for items in _batches()]
                spent = post_in_turns(bodies, {"national": sync, "ndjson": push})
        rates = [f"{COUNT / spent[name]:,.0f}/s" for name in ("national", "ndjson")]
        rows.append((kind, *rates, verdict(spent["ndjson"] / spent["national"], 0.5)))
    show(f"Đồng bộ quốc gia / national sync: {COUNT} hồ sơ, {BATCH} một lô", rows)


def _checked(answer: tuple[int, bytes]) -> None:
    status, body = answer
    told = orjson.loads(body)
    if status != 200 or str(told.get("error_code", "0")) != "0":
        raise RuntimeError(f"{status} {body[:300]!r}")


if __name__ == "__main__":
    run()
