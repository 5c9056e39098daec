"""Responses of each kind: pages, JSON, CSV; texts are compressed for clients that take gzip."""

import gzip
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import orjson
from flask import Response, render_template, request

from service.domain.calendar.local_time import local_iso
from service.domain.statistics.questions import Report
from service.formats.csv_files import write_csv
from service.http.response_cache import Rendered, public_answer
from service.reporting.report_table import Cell, table_rows

HTML = "text/html; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WORTH_PACKING = 1000


def page(template: str, values: Callable[[], dict[str, Any]], content_type: str = HTML) -> Response:
    """Return a rendered template as a public answer."""

    def render() -> Rendered:
        body = render_template(template, **values()).encode()
        return Rendered(body, content_type, body)

    return public_answer(render)


def compress(response: Response) -> Response:
    """Compress a text for a client that takes gzip; an after-request hook of the pages' blueprints."""
    response.vary.add("Accept-Encoding")
    size = response.calculate_content_length()
    if response.is_streamed or response.content_encoding or size is None or size < _WORTH_PACKING:
        return response
    packed_already = response.mimetype in ("font/woff2", "image/png")
    if packed_already or not request.accept_encodings["gzip"]:
        return response
    # mtime is fixed, so that the same page is the same bytes.
    response.set_data(gzip.compress(response.get_data(), compresslevel=6, mtime=0))
    response.content_encoding = "gzip"
    return response


def private(response: Response) -> Response:
    """Keep an answer to a source out of every shared cache."""
    response.headers["Cache-Control"] = "private, no-store"
    return response


def rendered_json(content: dict[str, Any]) -> Rendered:
    """Return JSON whose ETag leaves out the moment of asking."""
    etag_source = content | {"as_of": None}
    if "comparison" in content:
        etag_source["comparison"] = content["comparison"] | {"as_of": None}
    route = str(request.url_rule)
    return Rendered(orjson.dumps(content), "application/json", orjson.dumps(etag_source), replay_route=route)


def rendered_csv(report: Report, rows: Iterable[Sequence[Cell]] | None = None) -> Rendered:
    """Return a table as a CSV file, named after the unit and period of a report. rows: None for the report's own."""
    body = write_csv(table_rows(report) if rows is None else rows)
    etag_source = body.replace(local_iso(report.question.as_of).encode(), b"")  # without the moment of asking
    name = f"{report.unit.code}-{report.question.period.name}.csv"
    return Rendered(body, "text/csv; charset=utf-8", etag_source, name)


def json_response(content: Any, status: int = 200) -> Response:
    """Return plain values as JSON."""
    return Response(orjson.dumps(content), status, content_type="application/json")
