"""JSON that versions and rows store: payloads of versions, and of a row its deadline, steps and kinds of warnings.

The payload of a snapshot has the names of the API and times in UTC. Two snapshots have the same content if the digests
of their payloads are equal.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from hashlib import blake2b
from operator import attrgetter
from typing import Any

import orjson

from service.domain.calendar.deadline_trace import TraceStep
from service.domain.dossier.computed_deadline import ComputedDeadline
from service.domain.dossier.snapshot import MOMENTS, Pause, ProgressStep, Snapshot
from service.domain.procedures import LimitUnit, TimeLimit, national_procedure_code

_TEXTS = ("unit_code", "procedure_code", "field_code", "field_name", "national_code")
_NAMES = ("status", "channel", *_TEXTS, *MOMENTS)
_values = attrgetter(*_NAMES)


def to_payload(snapshot: Snapshot) -> str:
    """Return a snapshot as canonical JSON: the same state always gives the same text."""
    values = zip(_NAMES, _values(snapshot), strict=True)
    content: dict[str, Any] = {name: value for name, value in values if value is not None}
    if snapshot.due_is_instant:
        content["due_precision"] = "instant"
    if snapshot.pauses:
        content["pauses"] = [
            {"from": start} if end is None else {"from": start, "to": end} for start, end in snapshot.pauses
        ]
    return orjson.dumps(content).decode()


def from_payload(code: str, text: str) -> Snapshot:
    """Return the snapshot that a stored version holds."""
    content: Mapping[str, Any] = orjson.loads(text)
    known: dict[str, Any] = {name: content.get(name) for name in _TEXTS}
    known.update((name, datetime.fromisoformat(content[name])) for name in MOMENTS if name in content)
    at, sent = datetime.fromisoformat, content.get("pauses", ())
    pauses = tuple(Pause(at(item["from"]), at(item["to"]) if "to" in item else None) for item in sent)
    return Snapshot(
        code=code,
        status=content["status"],
        channel=content["channel"],
        due_is_instant=content.get("due_precision") == "instant",
        pauses=pauses,
        **known,
    )


def digest(payload: str) -> str:
    """Return the digest that identifies a payload: 128 bits, as hexadecimal text."""
    return blake2b(payload.encode(), digest_size=16).hexdigest()


def write_deadline(computed: ComputedDeadline | None) -> str | None:
    """Return a computed deadline as a row keeps it."""
    if computed is None:
        return None
    content = {
        "procedure": computed.procedure,
        "due_at": computed.due_at,
        "limit": [computed.limit.amount, computed.limit.unit.value],
        "version": computed.version,
        "basis": computed.basis,
        "trace": computed.trace,
    }
    return orjson.dumps(content).decode()


def backfill_payload(due_at: datetime | None, field_key: str | None, computed: ComputedDeadline | None) -> str:
    """Return the payload of a version for a deadline or a field that an import filled."""
    content: dict[str, Any] = {"due_at": due_at, "field_key": field_key}
    if computed:
        content |= {"limit": [computed.limit.amount, computed.limit.unit.value], "version": computed.version}
    return orjson.dumps(content).decode()


def read_deadline(stored: str | None) -> ComputedDeadline | None:
    """Return the computed deadline that a row keeps."""
    if not stored:
        return None
    content = orjson.loads(stored)
    amount, unit = content["limit"]
    return ComputedDeadline(
        datetime.fromisoformat(content["due_at"]),
        national_procedure_code(content["procedure"]),
        TimeLimit(amount, LimitUnit(unit)),
        content.get("version"),
        tuple(datetime.fromisoformat(moment) for moment in content["basis"]),
        tuple(TraceStep(**step) for step in content["trace"]),
    )


def read_step(payload: str) -> ProgressStep:
    """Return the progress step that a version keeps."""
    content = orjson.loads(payload)
    return ProgressStep(datetime.fromisoformat(content["moment"]), content["status"])


def write_step(step: ProgressStep) -> str:
    """Return a progress step as a version keeps it."""
    return orjson.dumps({"moment": step.moment, "status": step.status}).decode()


def read_steps(stored: str | None) -> tuple[ProgressStep, ...]:
    """Return the progress steps that a row keeps."""
    if not stored:
        return ()
    return tuple(ProgressStep(datetime.fromisoformat(moment), status) for moment, status in orjson.loads(stored))


def write_steps(steps: tuple[ProgressStep, ...]) -> str | None:
    """Return progress steps as a row keeps them, in order."""
    return orjson.dumps([list(step) for step in sorted(steps)]).decode() if steps else None


def read_kinds(stored: str | None) -> frozenset[str]:
    """Return the kinds of warnings that a row keeps."""
    return frozenset(orjson.loads(stored)) if stored else frozenset()


def write_kinds(kinds: Collection[str]) -> str | None:
    """Return kinds of warnings as a row keeps them: the same kinds always give the same text."""
    return orjson.dumps(sorted(kinds)).decode() if kinds else None
