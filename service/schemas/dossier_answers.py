"""Renderings for the sources themselves: a dossier's history, and the quality of what was sent."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from service.domain.dossier import Pause, Snapshot, Step
from service.domain.localtime import local_iso
from service.domain.statuses import Channel, Status
from service.domain.warnings import WARNINGS

_MOMENTS = ("submitted_at", "received_at", "due_at", "finished_at", "returned_at", "changed_at")


def state_json(state: Snapshot) -> dict[str, Any]:
    """Return a dossier's state under the contract's names."""
    return {
        "code": state.code,
        "unit_code": state.unit_code,
        "procedure_code": state.procedure_code,
        "status": Status(state.status).api_name,
        "field_code": state.field_code,
        "field_name": state.field_name,
        "channel": Channel(state.channel).api_name,
        **{name: _time(getattr(state, name)) for name in _MOMENTS},
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


def sent_json(sent: Snapshot | Step) -> dict[str, Any]:
    """Return what a version brought: the fields of a snapshot that were given, or a step."""
    if isinstance(sent, Step):
        return {"status": Status(sent.status).api_name, "at": _time(sent.moment)}
    return {name: value for name, value in state_json(sent).items() if value not in (None, [])}


def warnings_json(kinds: Iterable[str]) -> list[dict[str, str]]:
    """Return kinds of warnings as senders see them."""
    return [WARNINGS[kind].as_dict() for kind in kinds]


def kinds_json(counted: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return counted kinds, the most frequent first."""
    ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return [{**WARNINGS[kind].as_dict(), "count": count} for kind, count in ordered]
