"""A client that pushes as a source and reads as a portal, and a builder of dossiers."""

import gzip
import json
from collections.abc import Iterable, Mapping
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

UNIT = "H23.45"


def dossier(code: str = "H23.45-231001-0001", **given: Any) -> dict[str, Any]:
    """Build a dossier as the API takes it: received on 2 October 2023, due on the 6th, in progress.

    A value of None leaves the key out.
    """
    built = {
        "code": code,
        "unit_code": UNIT,
        "procedure_code": "1.004873",
        "status": "processing",
        "received_at": "2023-10-02T08:00:00+07:00",
        "due_at": "2023-10-06",
        **given,
    }
    return {name: value for name, value in built.items() if value is not None}


def whenever_told(groups: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return groups without the counts that depend on when news arrived: that is what they are about."""
    arrival = ("told_late", "overdue_confirmed", "overdue_unconfirmed")
    return [
        {**group, "counts": {name: count for name, count in group["counts"].items() if name not in arrival}}
        for group in groups
    ]


class Client:
    """Pushes with a key; reads without."""

    def __init__(self, http: FlaskClient, key: str) -> None:
        """Keep the test client and the source's key."""
        self.http = http
        self.key = key
        self.auth = {"Authorization": f"Bearer {key}"}

    def push(self, record: Any) -> TestResponse:
        """Push one dossier."""
        return self.http.post("/api/v1/dossiers", json=record, headers=self.auth)

    def batch(self, records: Iterable[Any], *, atomic: bool = False) -> TestResponse:
        """Push a JSON array."""
        return self.http.post(
            f"/api/v1/dossiers/batch?atomic={int(atomic)}",
            data=json.dumps(list(records)),
            content_type="application/json",
            headers=self.auth,
        )

    def ndjson(self, lines: Iterable[Any], *, packed: bool = False, atomic: bool = False) -> TestResponse:
        """Push NDJSON; a line given as bytes is sent as it is."""
        body = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
        headers = dict(self.auth)
        if packed:
            body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
        return self.http.post(
            f"/api/v1/dossiers/batch?atomic={int(atomic)}",
            data=body,
            content_type="application/x-ndjson",
            headers=headers,
        )

    def stats(self, unit: str = UNIT, **params: Any) -> Any:
        """Ask for statistics; `from_` stands for from."""
        response = self.get("/api/v1/stats", unit=unit, **params)
        assert response.status_code == 200, response.text
        return response.json

    def counts(self, unit: str = UNIT, **params: Any) -> Mapping[str, int]:
        """Ask for the counts alone."""
        counts: Mapping[str, int] = self.stats(unit, **params)["counts"]
        return counts

    def widget(self, unit: str = UNIT, **params: Any) -> Any:
        """Ask for the portal widget."""
        response = self.get(f"/api/v1/widget/{unit}", **params)
        assert response.status_code == 200, response.text
        return response.json

    def get(self, path: str, **params: Any) -> TestResponse:
        """Read without a key."""
        return self.http.get(path, query_string={name.rstrip("_"): value for name, value in params.items()})
