"""The quality of what was sent: public counts of warnings, and a list of a source's own warned dossiers."""

from typing import Any

from flask import Blueprint, Response, request

from service.domain.dossier.data_warnings import WARNINGS
from service.domain.units import as_asked
from service.http.auth import known_source
from service.http.request import components
from service.http.response_cache import public_answer
from service.http.responses import json_response, private, rendered_json
from service.reporting.dossier_json import quality_json, warned_json
from service.schemas.fields import clean_code
from service.schemas.question_input import QueryError
from service.store.access.keys import KnownSource
from service.store.quality import Quality, quality, work_list
from service.store.sources import UnknownSource

blueprint = Blueprint("quality", __name__, url_prefix="/api/v1")
_PAGE, _MAX_PAGE = 100, 1000


@blueprint.get("/quality")
def quality_counts() -> Response:
    """Return counts of warnings; with a source's key also its warned dossiers, to look at."""
    code = request.args.get("source") or None
    if "Authorization" not in request.headers and code is None:
        return public_answer(lambda: rendered_json(quality_json(_counted(None))))
    source = known_source("read")
    if code not in (None, source.code):
        raise UnknownSource(str(code))  # the same whether another source exists or not
    counted = _counted(code)
    content = quality_json(counted)
    content["work_list"] = _work_list(source, counted.unit.code if counted.unit else None)
    return private(json_response(content))


def _counted(source: str | None) -> Quality:
    unit = as_asked(request.args.get("unit", "")) or None
    with components().database.reading() as session:
        return quality(session, source, unit)


def _work_list(source: KnownSource, unit: str | None) -> dict[str, Any]:
    """Return a page of the source's own warned dossiers; `next` is the `after` of the following page."""
    kind = request.args.get("kind") or None
    if kind is not None and kind not in WARNINGS:
        raise QueryError({"kind": [f"Dùng một trong (use one of): {', '.join(WARNINGS)}"]})
    limit = request.args.get("limit", str(_PAGE))
    if not (limit.isascii() and limit.isdigit() and len(limit) < 5 and 1 <= int(limit) <= _MAX_PAGE):
        raise QueryError({"limit": [f"Từ 1 đến {_MAX_PAGE} (from 1 to {_MAX_PAGE})"]})
    after = clean_code(request.args.get("after", "")) or ""
    with components().database.reading() as session:
        listed = work_list(session, source.id, unit, kind, after, int(limit) + 1)
    page = listed[: int(limit)]
    following = page[-1].code if len(listed) > len(page) else None
    return {"limit": int(limit), "next": following, "dossiers": [warned_json(warned) for warned in page]}
