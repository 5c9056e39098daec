"""Push dossiers with an outbox on disk: nothing is lost over restarts, everything arrives in order.

Hộp thư đi trên đĩa: hồ sơ được ghi xuống đĩa trước, rồi gửi theo lô, đúng thứ tự, gửi lại đến khi hệ thống nhận.
Python 3.9 or newer, nothing else; Apache License 2.0. One file: copy it beside your program.

    outbox = Outbox("outbox.sqlite3", "https://thong-ke.example.gov.vn", key)
    outbox.put({"code": "H23.45-231001-0001", ...})   # on the disk when it returns
    outbox.run()                                      # sends for ever; in a thread or a process of its own

Or as a command, which ends when everything is sent: TTHC_KEY=… python3 tthc_outbox.py OUTBOX URL < dossiers.ndjson
What was rejected stays in the table `rejected`, with its reasons: Outbox.rejected().
"""

from __future__ import annotations

import gzip
import json
import logging
import os
import random
import sqlite3
import sys
import time
import urllib.error
import urllib.request
from http.client import HTTPException
from threading import Lock
from typing import Any

LONGEST_WAIT = 300.0
TIMEOUT = 150.0
_TABLES = """
CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS rejected (id INTEGER PRIMARY KEY, record TEXT NOT NULL, errors TEXT NOT NULL);
"""
_log = logging.getLogger("tthc.outbox")


class Outbox:
    """Dossiers that wait to be sent, in a SQLite file; any number of threads and processes may put."""

    def __init__(self, path: str, url: str, key: str, size: int = 1000) -> None:
        """Open or make the file. size: how many dossiers are sent at once, at most 1000."""
        self.size = min(size, 1000)  # so that every rejection is told
        self._url = url.rstrip("/") + "/api/v1/dossiers/batch"
        self._key = key
        self._lock = Lock()
        self._database = sqlite3.connect(path, timeout=60, check_same_thread=False)
        self._database.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; {_TABLES}")

    def put(self, *dossiers: dict[str, Any]) -> None:
        """Write dossiers to the disk, all or none; they are sent in this order. ValueError for one over 1 MB."""
        rows = [(json.dumps(dossier, ensure_ascii=False),) for dossier in dossiers]
        if over := [str(json.loads(row).get("code")) for (row,) in rows if len(row.encode()) > 1 << 20]:
            raise ValueError(f"{', '.join(over)}: hồ sơ dài quá 1 MB, chưa ghi gì (over 1 MB, nothing was put)")
        with self._lock, self._database:
            self._database.executemany("INSERT INTO outbox (record) VALUES (?)", rows)

    def waiting(self) -> int:
        """Return how many dossiers wait."""
        return int(self._database.execute("SELECT count(*) FROM outbox").fetchone()[0])

    def rejected(self) -> list[tuple[dict[str, Any], Any]]:
        """Return the dossiers that the service refused, each with its errors."""
        rows = self._database.execute("SELECT record, errors FROM rejected ORDER BY id")
        return [(json.loads(record), json.loads(errors)) for record, errors in rows]

    def send_once(self) -> int:
        """Send the oldest dossiers and return how many; an error leaves them where they are."""
        oldest = "SELECT id, record FROM outbox ORDER BY id LIMIT ?"
        rows = self._database.execute(oldest, (self.size,)).fetchall()
        if not rows:
            return 0
        while len(rows) > 1 and sum(len(record) for _, record in rows) > 8 << 20:  # a batch has a limit, too
            rows = rows[: len(rows) // 2]
        answer = self._post("\n".join(record for _, record in rows).encode())
        refused = [(rows[one["index"]][1], json.dumps(one["errors"])) for one in answer["rejections"]]
        with self._lock, self._database:
            self._database.executemany("INSERT INTO rejected (record, errors) VALUES (?, ?)", refused)
            self._database.execute("DELETE FROM outbox WHERE id <= ?", (rows[-1][0],))
        return len(rows)

    def _post(self, body: bytes) -> Any:
        headers = {
            "Authorization": f"Bearer {self._key}",
            "Content-Type": "application/x-ndjson",
            "Content-Encoding": "gzip",
        }
        request = urllib.request.Request(self._url, gzip.compress(body), headers)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as reply:
                return json.loads(reply.read())
        except urllib.error.HTTPError as error:
            answer = json.loads(error.read()) if error.code == 422 else {}
            if "rejections" not in answer:
                raise
            return answer  # every one of them was rejected

    def run(self, *, until_empty: bool = False, idle: float = 5.0) -> None:
        """Send for ever, or until nothing waits; what fails is tried again, ever less often."""
        wait = 1.0
        while True:
            try:
                sent = self.send_once()
            except (OSError, HTTPException, ValueError) as error:  # HTTPError is an OSError
                asked = error.headers.get("Retry-After", "") if isinstance(error, urllib.error.HTTPError) else ""
                pause = max(wait * random.uniform(0.5, 1), float(asked) if asked.isdigit() else 0)
                _log.warning("not sent, tried again in %.0f s: %s", pause, error)
                time.sleep(pause)
                wait = min(wait * 2, LONGEST_WAIT)
                continue
            wait = 1.0
            if not sent and until_empty:
                return
            if not sent:
                time.sleep(idle)


def main() -> None:
    """Put what comes in, a JSON object a line, and send until nothing waits."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    outbox = Outbox(sys.argv[1], sys.argv[2], os.environ["TTHC_KEY"])
    if not sys.stdin.isatty():
        outbox.put(*(json.loads(line) for line in sys.stdin if line.strip()))
    outbox.run(until_empty=True)
    if refused := outbox.rejected():
        sys.exit(f"{len(refused)} hồ sơ bị từ chối, xem bảng rejected (rejected, see that table) in {sys.argv[1]}")


if __name__ == "__main__":
    main()
