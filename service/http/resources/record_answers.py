"""The answer to a batch as NDJSON: a line a record, in order, however many there are."""

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import IO

import orjson
from flask import Response, request

from service.domain.dossier.events import IngestResult
from service.formats.json_records.text import MEGABYTE

NDJSON = "application/x-ndjson"


class RecordAnswers:
    """Keeps a line for each record, to be sent when the whole batch is stored."""

    def __init__(self) -> None:
        self._lines: IO[bytes] = SpooledTemporaryFile(MEGABYTE)  # noqa: SIM115
        self._count = 0

    def close(self) -> None:
        """Delete the lines."""
        self._lines.close()

    def add(self, result: IngestResult) -> None:
        """Add the line of the next record."""
        line = {"index": self._count, "code": result.code, "result": result.result, **result.place, **result.told()}
        self._lines.write(orjson.dumps(line) + b"\n")
        self._count += 1

    def response(self, status: int, *, refused: bool) -> Response:
        """Return the lines. refused: nothing was stored, so each says that its record is rejected."""
        self._lines.seek(0)
        response = Response(self._read(refused), status, content_type=NDJSON)
        response.call_on_close(self._lines.close)
        return response

    def _read(self, refused: bool) -> Iterator[bytes]:
        with self._lines as lines:
            for line in lines:
                yield orjson.dumps({**orjson.loads(line), "result": "rejected"}) + b"\n" if refused else line


@contextmanager
def answers_by_record() -> Iterator[RecordAnswers | None]:
    """Yield RecordAnswers if the client asked for NDJSON, else None; they are closed when the request fails."""
    accepted = request.accept_mimetypes
    answers = RecordAnswers() if accepted[NDJSON] > accepted["application/json"] else None
    try:
        yield answers
    except BaseException:
        if answers is not None:
            answers.close()
        raise
