"""Moments of June 2024 and versions of one dossier, written short for tables."""

from datetime import datetime
from typing import Any

from service.domain.dossier.snapshot import Pause, ProgressStep, Snapshot
from service.domain.dossier.versions import Version
from service.schemas.fields import parse_moment

MOMENTS = ("received", "due", "finished", "returned", "changed", "submitted")


def june(text: str) -> datetime:
    """Read "7" as the bare date 7 June 2024, "7 08:00" as a local moment; "7/20" is 20 July."""
    day, _, clock = text.partition(" ")
    month, _, rest = day.rpartition("/")
    date = f"2024-{int(month or 6):02d}-{int(rest):02d}"
    return parse_moment(f"{date}T{clock}:00+07:00" if clock else date)


def version(status: int, changed: str | None = None, *, known: str | None = None, **given: Any) -> Version:
    """Build a version: received on 3 June 08:00 unless told; known at its change unless told.

    pauses: "5 08:00-9 08:00, 12 08:00-" with open ends.
    """
    moments = {"received": "3 08:00", **given, "changed": changed}
    built: dict[str, Any] = {f"{name}_at": june(moments[name]) for name in MOMENTS if moments.get(name)}
    built |= {name: given[name] for name in ("due_is_instant", "channel", "unit_code") if name in given}
    if given.get("pauses"):
        built["pauses"] = tuple(map(_pause, given["pauses"].split(", ")))
    snapshot = Snapshot("C", built.pop("unit_code", "H23"), "1", status, **built)
    content = f"{status} {changed} {known} {sorted(given.items())}"
    return Version(snapshot, june(known or changed or "28 08:00"), content)


def _pause(text: str) -> Pause:
    start, _, end = text.partition("-")
    return Pause(june(start), june(end) if end else None)


def steps(text: str) -> tuple[ProgressStep, ...]:
    """Read "2@2 08:00, 9@4 09:30"."""
    told = (one.partition("@") for one in text.split(", ") if one)
    return tuple(ProgressStep(june(moment), int(status)) for status, _, moment in told)
