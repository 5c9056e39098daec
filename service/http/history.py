"""A source's own dossiers: their history, and the quality of what was sent (its counts are public)."""

from typing import Any

from flask import Blueprint, Response, request

from service.domain.localtime import local_iso
from service.domain.statuses import Status
from service.domain.units import is_code, normalise
from service.domain.warnings import WARNINGS
from service.http.auth import known_source
from service.http.caching import Rendered, public_answer
from service.http.context import service
from service.http.dossiers import json_response
from service.http.problems import Problem
from service.http.statistics import rendered_json
from service.schemas.answers import unit_json
from service.schemas.dossier_answers import changes_json, kinds_json, sent_json, state_json, warnings_json
from service.schemas.fields import clean_code
from service.schemas.queries import QueryError
from service.usecases.history import History, Version, history
from service.usecases.quality import Quality, UnknownSource, Warned, quality, work_list
from service.usecases.sources import KnownSource

blueprint = Blueprint("history", __name__, url_prefix="/api/v1")
_PAGE, _MAX_PAGE = 100, 1000
_NO_DOSSIER = "Nguồn này không có hồ sơ mang mã đó (this source has no such dossier)"


@blueprint.get("/dossiers/<path:code>")
def dossier_history(code: str) -> Response:
    """Return a dossier of the asking source with all its versions."""
    source = known_source()
    wanted = clean_code(code)
    with service().database.reading() as session:
        found = history(session, source.id, wanted) if wanted else None
    if found is None:
        raise Problem(404, _NO_DOSSIER)
    return private(json_response(_history_json(found)))


def private(response: Response) -> Response:
    """Keep an answer to a source out of every shared cache."""
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _history_json(found: History) -> dict[str, Any]:
    row = found.row
    return {
        **state_json(found.state),
        "source": found.source,
        "unit_code": row.unit_code,
        "changed_at": local_iso(row.changed_at),
        "known_at": local_iso(row.known_at),
        "ended_at": local_iso(row.ended_at) if row.ended_at else None,
        "outcome": row.outcome,
        "due_moment": _due_json(found),
        "warnings": warnings_json(row.warnings.split()),
        "versions": [_version_json(number, version) for number, version in enumerate(found.versions, start=1)],
    }


def _due_json(found: History) -> dict[str, Any]:
    """Return the last moment on time and how it was reached: sent, computed, or none."""
    due_at, computed = found.row.due_at, found.deadline
    content: dict[str, Any] = {"due_at": local_iso(due_at) if due_at else None, "by": None, "limit": None, "trace": []}
    if computed:
        amount, unit = computed["limit"]
        limit = {"amount": amount, "unit": unit}
        return content | {"by": "time_limit", "limit": limit, "trace": computed["trace"]}
    return content | {"by": "source"} if due_at else content


def _version_json(number: int, version: Version) -> dict[str, Any]:
    return {
        "number": number,
        "kind": version.kind,
        "result": version.result,
        "changed_at": local_iso(version.changed_at),
        "known_at": local_iso(version.known_at),
        "request_id": version.request_id,
        "changes": changes_json(version.before, version.after),
        "sent": sent_json(version.sent),
    }


@blueprint.get("/quality")
def quality_counts() -> Response:
    """Return counts of warnings; with a source's own key also its dossiers to look at."""
    if "Authorization" not in request.headers:
        return public_answer(lambda: _public(_counted()))
    source = known_source()
    found = _counted()
    content = _quality_json(found)
    if found.source in (None, source.code):
        content["work_list"] = _work_list(source, found.unit.code if found.unit else None)
    return private(json_response(content))


def _counted() -> Quality:
    unit = request.args.get("unit") or None
    if unit is not None and is_code(unit):
        unit = normalise(unit)
    with service().database.reading() as session:
        try:
            return quality(session, request.args.get("source") or None, unit)
        except UnknownSource:
            detail = "Không có nguồn này (no such source)"
            raise Problem(404, detail, {"source": [detail]}) from None


def _public(found: Quality) -> Rendered:
    return rendered_json(_quality_json(found))


def _quality_json(found: Quality) -> dict[str, Any]:
    return {
        "source": found.source,
        "unit": unit_json(found.unit) if found.unit else None,
        "warned": found.warned,
        "kinds": kinds_json(found.kinds),
        "groups": [
            {
                "source": group.source,
                "unit": {"code": group.unit.code, "name": group.unit.name},
                "warned": group.warned,
                "counts": dict(sorted(group.kinds.items())),
            }
            for group in found.groups
        ],
    }


def _work_list(source: KnownSource, unit: str | None) -> dict[str, Any]:
    """Return a page of the source's own warned dossiers; `next` is the `after` of the following page."""
    kind = request.args.get("kind") or None
    if kind is not None and kind not in WARNINGS:
        raise QueryError({"kind": [f"Dùng một trong (use one of): {', '.join(WARNINGS)}"]})
    limit = request.args.get("limit", str(_PAGE))
    if not (limit.isascii() and limit.isdigit() and 1 <= int(limit[:5]) <= _MAX_PAGE):
        raise QueryError({"limit": [f"Từ 1 đến {_MAX_PAGE} (from 1 to {_MAX_PAGE})"]})
    after = clean_code(request.args.get("after", "")) or ""
    with service().database.reading() as session:
        found = work_list(session, source.id, unit, kind, after, int(limit) + 1)
    page = found[: int(limit)]
    following = page[-1].code if len(found) > len(page) else None
    return {"limit": int(limit), "next": following, "dossiers": [_warned_json(warned) for warned in page]}


def _warned_json(warned: Warned) -> dict[str, Any]:
    return {
        "code": warned.code,
        "unit_code": warned.unit_code,
        "status": Status(warned.status).api_name,
        "warnings": warnings_json(warned.kinds),
    }
