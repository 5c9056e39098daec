"""Random records, progress steps and deletions of a few dossiers: plausible or not, as a source may send them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from unicodedata import normalize

from hypothesis import strategies as st

from service.domain.procedures import LimitUnit, TimeLimit
from tests.support.oracle import INSTANT
from tests.support.oracle_versions import LIFECYCLE, is_midnight, moment, status_of

FIRST_PUSH = datetime(2025, 3, 10, 2, 7, 30, tzinfo=UTC)
"""A batch becomes known within microseconds of it. No moment of a record falls there: nothing would order the two."""

MOMENTS = (
    "2024-12-14T23:59:59+07:00", "2024-12-15", "2025-01-31T16:30:00+07:00", "2025-02-14T10:00:00+07:00",
    "2025-02-15T00:00:00+07:00", "2025-02-28T17:00:00+07:00", "2025-03-01", "2025-03-01T06:59:00+07:00",
    "2025-03-03T08:00:00+07:00", "2025-03-03", "2025-03-04T23:59:59+07:00", "2025-03-05T12:00:00+07:00",
    "2025-03-06T10:00:00.5+07:00", "2025-03-11T09:00:00+07:00", "2025-03-14T17:00:00+07:00", "2025-03-15",
    "2025-03-20T00:00:01+07:00", "2025-03-24T16:00:00+07:00",
)  # fmt: skip

LATER = ("2025-03-28T09:00:00+07:00", "2025-04-02")


PLACES = ("", ".01", ".01.02", ".03", ".05", ".06", ".07", ".07.01", ".08", ".09")

LIMITS = {
    "1.000001": TimeLimit(3, LimitUnit.WORKING_DAY),
    "1.000002": TimeLimit(12, LimitUnit.WORKING_HOUR),
    "1.000003.000.00.00.H23": TimeLimit(5, LimitUnit.CALENDAR_DAY),
}

PROCEDURES = (*LIMITS, "1.000003", "2.000777")
NAMED = {"G02": "Hộ tịch"}
FIELDS: tuple[dict[str, str], ...] = (
    {}, {"field_code": "G01"}, {"field_code": "G02", "field_name": "Hộ tịch"}, {"field_name": "HỘ  TỊCH"},
    {"field_name": "Đất đai"}, {"field_name": normalize("NFD", "đất ĐAI")},
)  # fmt: skip
past = st.sampled_from(MOMENTS)
maybe = st.none() | past
pause = st.fixed_dictionaries({"from": past}, optional={"to": past | st.sampled_from(LATER)})


@st.composite
def records(draw: st.DrawFn, code: int) -> dict[str, Any]:
    """Draw one record of a dossier: any state, plausible or not, that a source may send."""
    status = draw(st.integers(1, 10))
    received = draw(past if status in (2, 4, 5, 6, 9, 10) else maybe)
    due = draw(maybe | st.sampled_from(LATER))
    record = {
        "code": str(code),
        "unit_code": draw(st.sampled_from(PLACES)),
        "procedure_code": draw(st.sampled_from(PROCEDURES)),
        "status": status,
        "received_at": received,
        "submitted_at": draw(maybe),
        "due_at": due,
        "due_precision": draw(st.sampled_from(("instant", None))) if due and len(due) > 10 else None,
        "finished_at": draw(maybe),
        "returned_at": draw(maybe | st.sampled_from(LATER)),
        "pauses": draw(st.none() | st.lists(pause, min_size=1, max_size=3)),
        "channel": draw(st.sampled_from((None, 1, 2, 3))),
        **draw(st.sampled_from(FIELDS)),
        "changed_at": draw(maybe | st.just("2025-03-22")),
    }
    return {name: value for name, value in record.items() if value is not None}


def drawn_steps(codes: st.SearchStrategy[int]) -> st.SearchStrategy[dict[str, Any]]:
    """Draw a progress step: a status and its moment, in whole seconds."""
    whole = st.sampled_from([at for at in (*MOMENTS, *LATER) if ".5" not in at])
    return st.fixed_dictionaries({"code": codes.map(str), "step": st.integers(1, 10), "at": whole})


@st.composite
def batches(draw: st.DrawFn) -> list[list[dict[str, Any]]]:
    """Draw what is pushed in a few batches: several versions of a few dossiers, in any order."""
    codes = st.integers(0, 4)
    deletion = codes.map(lambda code: {"code": str(code), "deleted": True})
    batch = st.lists(st.one_of(*[codes.flatmap(records)] * 4, drawn_steps(codes), deletion), min_size=1, max_size=5)
    return draw(st.lists(batch, min_size=1, max_size=4))


def without_ties(drawn: list[list[dict[str, Any]]]) -> list[list[dict[str, Any]]]:
    """Leave out records that nothing but their filing could put in order."""
    seen: dict[tuple[Any, ...], dict[str, Any]] = {}
    kept: list[list[dict[str, Any]]] = []
    for number, batch in enumerate(drawn):
        known_at = FIRST_PUSH + timedelta(days=number)
        kept.append([])
        for place, record in enumerate(batch):
            if "step" in record:
                kept[-1].append(record)
                continue
            changed = moment(record.get("changed_at"))
            if changed is None or changed > known_at + timedelta(days=1):
                changed = known_at + place * INSTANT
            life = None if is_midnight(changed) else LIFECYCLE[status_of(record)]
            key = (record["code"], changed, life)
            if seen.setdefault(key, record) == record:
                kept[-1].append(record)
    return kept
