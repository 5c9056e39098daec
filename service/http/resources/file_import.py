"""Import a file over HTTP: what `dossiers import` does."""

import base64
import io
import os
from contextlib import closing
from pathlib import Path, PurePath
from tempfile import TemporaryFile
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.datastructures import FileStorage

from service.formats.files import KINDS, FileToImport
from service.formats.json_records.text import MEGABYTE
from service.formats.rejected_rows import RejectedRows
from service.http.auth import known_source, sender
from service.http.problems import Problem
from service.http.request import clock, components
from service.http.resources.record_answers import answers_by_record
from service.http.responses import XLSX, json_response
from service.ingest.file_import import ImportSummary, import_file, settled_headings
from service.ingest.sender import Sender

blueprint = Blueprint("imports", __name__, url_prefix="/api/v1")
REJECTED_NAME = "dong-bi-tu-choi"
_REJECTED_MB = 16
"""How much of the rejected rows an answer gives back: some 30,000 rows, as it is made in memory."""
_YES, _NO = ("1", "true", "on", "yes"), ("", "0", "false", "off", "no")


@blueprint.post("/dossiers/import")
def import_one_file() -> Response:
    """Take in a file. JSON has the refused rows as .xlsx inside; a client that prefers .xlsx or CSV gets only these."""
    source = known_source("import")
    if request.mimetype != "multipart/form-data":
        raise Problem(415, "Content-Type phải là multipart/form-data (must be multipart/form-data)")
    request.max_content_length = components().settings.max_wire_mb * MEGABYTE
    upload = request.files.get("file")
    if upload is None:
        raise Problem(422, "Thiếu trường file (the field `file` is missing)", {"file": ["Bắt buộc phải có (required)"]})
    dry_run = _flag("dry_run")
    with closing(RejectedRows(_REJECTED_MB * MEGABYTE)) as refused, answers_by_record() as answers:
        on_row = answers.add if answers else None
        summary = _take(upload, sender(source, "import"), refused, dry_run=dry_run, on_row=on_row)
        if answers:
            return answers.response(summary.counts.http_status, refused=False)
        return _answer(summary, refused, dry_run)


def _take(upload: FileStorage, by: Sender, refused: RejectedRows, *, dry_run: bool, on_row: Any) -> ImportSummary:
    """File the upload in one transaction; nothing is stored in a dry run, or when the file is broken."""
    kind = PurePath(upload.filename or "").suffix.lower()
    if kind not in KINDS:
        reason = f"Tên tệp phải có đuôi (the file's name must end with): {', '.join(KINDS)}"
        raise Problem(415, f"{reason}. Tệp .ods, .txt … thì mở ra, Lưu thành .xlsx rồi gửi (save other files as .xlsx)")
    headings = settled_headings(_given("map"), _given("ignore"))
    with TemporaryFile() as copy:  # without a name on the disk: a process that is killed leaves nothing
        upload.save(copy)
        upload.close()
        copy.flush()
        path = Path(f"/proc/{os.getpid()}/fd/{copy.fileno()}")
        file = FileToImport(path, kind, next(iter(_given("sheet")), None), headings, _flag("strict"))
        limit = components().settings.max_records
        return import_file(components(), by, file, clock, refused, dry_run=dry_run, limit=limit, on_row=on_row)


def _given(name: str) -> list[str]:
    return [value for value in (*request.form.getlist(name), *request.args.getlist(name)) if value.strip()]


def _answer(summary: ImportSummary, refused: RejectedRows, dry_run: bool) -> Response:
    kinds = ["application/json", XLSX, "text/csv"]
    wanted = request.accept_mimetypes.best_match(kinds, "application/json")
    if wanted == "application/json":
        content: dict[str, Any] = {**summary.as_dict(), "dry_run": dry_run, "rejected_file": _rejected_file(refused)}
        return json_response(content, summary.counts.http_status)
    ending = "csv" if wanted == "text/csv" else "xlsx"
    body = refused.as_csv() if wanted == "text/csv" else _workbook(refused)
    headers = {"Content-Disposition": f'attachment; filename="{REJECTED_NAME}.{ending}"'}
    content_type = "text/csv; charset=utf-8" if wanted == "text/csv" else XLSX
    return Response(body, summary.counts.http_status, headers, content_type=content_type)


def _rejected_file(refused: RejectedRows) -> dict[str, str] | None:
    if not refused.count:
        return None
    content = base64.b64encode(_workbook(refused)).decode()
    return {"name": f"{REJECTED_NAME}.xlsx", "media_type": XLSX, "encoding": "base64", "content": content}


def _workbook(refused: RejectedRows) -> bytes:
    file = io.BytesIO()
    refused.write_workbook(file)
    return file.getvalue()


def _flag(name: str) -> bool:
    text = request.args.get(name, request.form.get(name, "")).lower()  # the front has looked at the address already
    if text not in (*_YES, *_NO):
        raise Problem(400, f"{name}: dùng 0 hoặc 1 (use 0 or 1)", {name: ["0, 1"]})
    return text in _YES
