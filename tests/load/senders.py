"""Senders that remember what was acknowledged, and send again what was not, as docs/api.md tells them to."""

import http.client
import json
import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from tests.support.client import dossier

BATCH = 20
_ANSWERED = (200, 201, 503, 507)
_END = {"status": "resolved", "finished_at": "2023-10-05"}


@dataclass
class Sender:
    """Sends batches of new dossiers and ends of old ones with its own key, one after another.

    filed: the codes that were acknowledged, each with whether its end was. wrong: answers that no sender should get.
    """

    name: str
    key: str
    port: int
    seed: int = 0
    filed: dict[str, bool] = field(default_factory=dict)
    tried: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    waits: dict[int, int] = field(default_factory=dict)
    last_acknowledged: float = 0.0
    stopping: threading.Event = field(default_factory=threading.Event)

    def start(self) -> threading.Thread:
        """Begin to send."""
        self.stopping.clear()
        thread = threading.Thread(target=self._send_all)
        thread.start()
        return thread

    def _send_all(self) -> None:
        chance = random.Random(f"{self.name} {len(self.filed)} {self.seed}")
        while not self.stopping.is_set():
            open_ones = [code for code in list(self.filed)[-200:] if not self.filed[code]]
            if open_ones and chance.random() < 0.5:
                code = chance.choice(open_ones)
                self._until_acknowledged([dossier(code, **_END)], ended=True)
            else:
                batch = len(self.tried) // BATCH
                self._until_acknowledged([dossier(f"{self.name}-{batch}-{n}") for n in range(BATCH)], ended=False)

    def _until_acknowledged(self, records: list[dict[str, Any]], ended: bool) -> None:
        codes = [record["code"] for record in records]
        self.tried.update(codes)
        body = b"\n".join(json.dumps(record).encode() for record in records)
        while not self.stopping.is_set():
            status, wait = self._sent(body)
            if status in (200, 201):
                self.filed.update(dict.fromkeys(codes, ended))
                self.last_acknowledged = time.monotonic()
                return
            self.stopping.wait(min(wait, 1.0))

    def _sent(self, body: bytes) -> tuple[int, float]:
        """Send once; return the status (0: no answer), and how long to wait before the next time."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=90)
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/x-ndjson"}
        try:
            connection.request("POST", "/api/v1/dossiers/batch", body, headers)
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            return 0, 0.1
        finally:
            connection.close()
        self.waits[answer.status] = self.waits.get(answer.status, 0) + 1
        retry = answer.headers.get("Retry-After")
        if answer.status not in _ANSWERED or (answer.status >= 500 and retry is None):
            self.wrong.append(f"{answer.status} {text[:200]!r}")
        return answer.status, float(retry or 1)
