"""What sources are told as plain values: a dossier's history, and the quality of what was sent."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Row

from service.domain.calendar.local_time import local_iso
from service.domain.dossier.data_warnings import WARNINGS
from service.domain.dossier.snapshot import MOMENTS, Pause, ProgressStep, Snapshot
from service.domain.dossier.statuses import Channel, Status
from service.reporting.history import History, Sent, Version
from service.reporting.report_json import unit_json
from service.store.quality import Quality
from service.store.stored_json import read_kinds


def state_json(state: Snapshot) -> dict[str, Any]:
    """Return a dossier's state under the contract's names."""
    return {
        **{name: getattr(state, name) for name in ("code", "unit_code", "procedure_code", "national_code")},
        "status": Status(state.status).api_name,
        "field_code": state.field_code,
        "field_name": state.field_name,
        "channel": Channel(state.channel).api_name,
        **{name: _time(getattr(state, name)) for name in MOMENTS},
        "due_precision": ("instant" if state.due_is_instant else "day") if state.due_at else None,
        "pauses": [_pause(pause) for pause in state.pauses],
    }


def _pause(pause: Pause) -> dict[str, str | None]:
    return {"from": _time(pause.start), "to": _time(pause.end)}


def _time(moment: datetime | None) -> str | None:
    return local_iso(moment) if moment else None


def changes_json(before: Snapshot | None, after: Snapshot | None) -> dict[str, dict[str, Any]]:
    """Return what changed between two states: each field with its values before and after."""
    if after is None:
        return {}
    new = state_json(after)
    old: Mapping[str, Any] = state_json(before) if before else {"pauses": []}
    return {name: {"from": old.get(name), "to": value} for name, value in new.items() if old.get(name) != value}


def sent_json(sent: Sent | None) -> dict[str, Any]:
    """Return what a version brought: the given fields of a snapshot, a step, or plain values; a deletion nothing."""
    if isinstance(sent, ProgressStep):
        return {"status": Status(sent.status).api_name, "at": _time(sent.moment)}
    if isinstance(sent, Snapshot):
        return {name: value for name, value in state_json(sent).items() if value not in (None, [])}
    return sent or {}


def warnings_json(kinds: Iterable[str]) -> list[dict[str, str]]:
    """Return warnings of some kinds, in words."""
    return [WARNINGS[kind].as_dict() for kind in kinds]


def history_json(history: History) -> dict[str, Any]:
    """Return a dossier's current state, and its versions."""
    row = history.row
    return {
        **state_json(history.state),
        "pauses": [
            {**_pause(pause), **({"derived": True} if pause.start in history.derived_pauses else {})}
            for pause in history.state.pauses
        ],
        "source": history.source,
        "unit_code": row.unit_code,
        "changed_at": local_iso(row.changed_at),
        "known_at": local_iso(row.known_at),
        "ended_at": _time(row.ended_at),
        "outcome": row.outcome,
        "deleted": not row.digest,
        "merged": row.merged,
        "due_moment": _due_json(history),
        "warnings": warnings_json(sorted(row.warnings)),
        "versions": [_version_json(version) for version in history.versions],
        **({"truncated": True} if history.versions and history.versions[0].number > 1 else {}),
    }


def _due_json(history: History) -> dict[str, Any]:
    """Return the due moment and where it comes from: the source, a time limit (with its trace), or nowhere."""
    due_at, computed = history.row.due_at, history.deadline
    content: dict[str, Any] = {"due_at": _time(due_at), "by": None, "limit": None, "trace": []}
    if computed and due_at:
        limit = {"amount": computed.limit.amount, "unit": computed.limit.unit.value}
        return content | {"by": "time_limit", "limit": limit, "trace": list(map(asdict, computed.trace))}
    return content | {"by": "source"} if due_at else content


def _version_json(version: Version) -> dict[str, Any]:
    row = version.row
    return {
        "number": version.number,
        "kind": row.kind,
        "result": row.result,
        "changed_at": local_iso(row.changed_at),
        "known_at": local_iso(row.known_at),
        "request_id": row.request_id,
        "changes": changes_json(version.before, version.after),
        "sent": sent_json(version.sent),
    }


def quality_json(quality: Quality) -> dict[str, Any]:
    """Return counts of warnings by unit; sources are not public, so one is named only if the question was about it."""
    most_frequent_first = sorted(quality.kinds.items(), key=lambda item: (-item[1], item[0]))
    ordered = sorted(quality.groups, key=lambda group: group.unit.code)
    by_unit = [(unit, list(groups)) for unit, groups in groupby(ordered, key=lambda group: group.unit)]
    content = {
        "unit": unit_json(quality.unit) if quality.unit else None,
        "warned": quality.warned,
        "kinds": [{**WARNINGS[kind].as_dict(), "count": count} for kind, count in most_frequent_first],
        "groups": [
            {
                "unit": {"code": unit.code, "name": unit.name},
                "warned": sum(group.warned for group in groups),
                "counts": dict(sorted(sum((group.kinds for group in groups), Counter()).items())),
            }
            for unit, groups in by_unit
        ],
    }
    return content if quality.source is None else {"source": quality.source, **content}


def warned_json(warned: Row[str, str, int, str | None]) -> dict[str, Any]:
    """Return an entry of a work list."""
    return {
        "code": warned.code,
        "unit_code": warned.unit_code,
        "status": Status(warned.status).api_name,
        "warnings": warnings_json(sorted(read_kinds(warned.warning_kinds))),
    }
