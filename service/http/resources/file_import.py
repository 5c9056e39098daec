"""Import a file over HTTP: what `dossiers import` does."""

import io
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.datastructures import FileStorage

from service.formats.files import KINDS, read_file
from service.formats.json_records import MEGABYTE, JsonLimits
from service.http.auth import known_source
from service.http.problems import Problem
from service.http.request import clock, components, request_id
from service.http.responses import json_response
from service.ingest.batch import Summary
from service.ingest.file_import import RejectedRows, import_rows
from service.ingest.pipeline import Sender

blueprint = Blueprint("imports", __name__, url_prefix="/api/v1")
REJECTED_NAME = "dong-bi-tu-choi.csv"
_YES, _NO = ("1", "true", "on", "yes"), ("", "0", "false", "off", "no")


@blueprint.post("/dossiers/import")
def import_file() -> Response:
    """Take a file; refused rows come back as CSV, alone if the client accepts only that."""
    source = known_source()
    if request.mimetype != "multipart/form-data":
        raise Problem(415, "Content-Type phải là multipart/form-data (must be multipart/form-data)")
    limit = components().settings.max_wire_mb * MEGABYTE
    if (request.content_length or 0) > limit:
        raise Problem(413, f"Tệp tối đa {limit // MEGABYTE} MB; hãy chia nhỏ (file over the limit; split it)")
    request.max_content_length = limit
    upload = request.files.get("file")
    if upload is None:
        raise Problem(422, "Thiếu trường file (the field `file` is missing)", {"file": ["Bắt buộc phải có (required)"]})
    dry_run = _flag(request.form.get("dry_run", request.args.get("dry_run", "")))
    refused = RejectedRows(io.StringIO(newline=""))
    summary = _take(upload, Sender(source.id, request_id()), dry_run, refused)
    return _answer(summary, refused, dry_run)


def _take(upload: FileStorage, sender: Sender, dry_run: bool, refused: RejectedRows) -> Summary:
    """File the upload in one transaction; a dry run, like a broken file, leaves nothing behind."""
    kind = PurePath(upload.filename or "").suffix.lower()
    if kind not in KINDS:
        raise Problem(415, f"Tên tệp phải có đuôi (the file's name must end with): {', '.join(KINDS)}")
    parts, settings = components(), components().settings
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"upload{kind}"
        upload.save(path)
        upload.close()
        limits = JsonLimits(settings.max_array_mb, settings.max_records)
        rows = read_file(path, kind, settings.max_unpacked_mb, limits)
        return import_rows(parts, sender, rows, clock, refused, dry_run=dry_run, limit=settings.max_records)


def _answer(summary: Summary, refused: RejectedRows, dry_run: bool) -> Response:
    text = refused.file
    assert isinstance(text, io.StringIO)
    content = text.getvalue()
    if request.accept_mimetypes.best_match(["application/json", "text/csv"], "application/json") == "text/csv":
        body = content.encode("utf-8-sig")  # Excel reads UTF-8 only with its mark
        headers = {"Content-Disposition": f'attachment; filename="{REJECTED_NAME}"'}
        return Response(body, summary.http_status, headers, content_type="text/csv; charset=utf-8")
    told: dict[str, Any] = {**summary.as_dict(), "dry_run": dry_run}
    told["rejected_file"] = {"name": REJECTED_NAME, "content": f"\ufeff{content}"} if refused.count else None
    return json_response(told, summary.http_status)


def _flag(text: str) -> bool:
    if text.lower() not in (*_YES, *_NO):
        raise Problem(400, "dry_run: dùng 0 hoặc 1 (use 0 or 1)", {"dry_run": ["0, 1"]})
    return text.lower() in _YES
