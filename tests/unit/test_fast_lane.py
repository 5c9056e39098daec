"""The fast lane and the schema read every record alike: valid, odd and hostile ones."""

import tracemalloc
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from service.domain.dossier.events import DossierEvent
from service.schemas.dossier_input import _LANE, DossierSchema, StepSchema, read_record
from service.schemas.fast_lane import _LONGEST

SCHEMA = DossierSchema()
VALID = {
    "code": "H23.45-231002-0001",
    "unit_code": "H23.45",
    "procedure_code": "1.004873",
    "status": 4,
    "received_at": "2023-10-02T08:00:00+07:00",
}
MOMENTS = (
    "2023-10-04T13:37:34+07:00", "2023-10-04", "2023-10-04t13:37z", "2023-10-04 13:37:60Z",
    "2023-10-04T23:59:59.9999999Z",
    "2023-10-04T13:37:34.123456789+07:00", "2023-10-04T13:37:34+0700", "2023-10-04T13:37:34", "20231004T133734Z",
    "2023-W40-3", "9999-12-31T23:59:59-23:59", "1989-12-31", "1990-01-01", "2100-12-31T23:59:59+07:00", "2101-01-01",
    "2023-02-30", "", "２０２３-10-04",
)  # fmt: skip
TEXTS = ("", " ", "H23.45", "000.00.16.H23", "a\x00b", "\ud800", "Đ\u0301", "x" * _LONGEST, "x" * 65, "x" * 301, "h23")
CODED = (1, 4, 10, 0, 11, True, False, 1.0, 4.5, "4", "04", "processing", "online", "direct", -1, 10**40, float("nan"))
ODD: st.SearchStrategy[Any] = st.sampled_from((None, True, 1, 1.0, 0, [], {}, [1], b"2023-10-04"))
PAUSES = st.lists(
    st.dictionaries(st.sampled_from(("from", "to", "note")), st.sampled_from(MOMENTS) | ODD, max_size=3) | ODD,
    max_size=3,
)


def of(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(values) | ODD


def anything(name: str) -> st.SearchStrategy[Any]:
    """Return values for a field: ones that it takes, ones that look like them, and others."""
    if name == "pauses":
        return PAUSES | ODD
    if name.endswith("_at"):
        return of(*MOMENTS)
    if name in ("status", "channel"):
        return of(*CODED)
    if name == "due_precision":
        return of("day", "instant", "Day", "")
    return of(*TEXTS) | st.text(max_size=70)


FIELDS = {name: anything(name) for name in SCHEMA.fields}
RECORDS = st.fixed_dictionaries({}, optional={**FIELDS, "note": ODD}).map(lambda some: {**VALID, **some})


def both(item: Any) -> tuple[str, str]:
    """Return what the lane and the schema alone say; as text, because True is equal to 1."""
    return repr(read_record(item)), repr(read_record(item, SCHEMA.load))


@settings(max_examples=1500, deadline=None)
@given(RECORDS | st.dictionaries(st.sampled_from(sorted(SCHEMA.fields)), ODD) | ODD)
@example({**VALID, "status": True})
@example({**VALID, "channel": 1.0})
def test_every_record_is_read_alike(item: Any) -> None:
    lane, schema = both(item)
    assert lane == schema


@pytest.mark.parametrize("remembered", [4, "4", "processing"], ids=str)
@pytest.mark.parametrize("equal", [True, 1, 1.0, 4.0, "1"], ids=repr)
def test_what_is_remembered_answers_for_nothing_else(remembered: object, equal: object) -> None:
    read_record({**VALID, "status": remembered})
    lane, schema = both({**VALID, "status": equal, "channel": equal})
    assert lane == schema


def test_valid_records_take_the_lane() -> None:
    assert isinstance(
        read_record({**VALID, "note": "x", "due_at": None}, lambda item: _LANE.load(item) or {}), DossierEvent
    )


def test_long_texts_are_not_remembered() -> None:
    tracemalloc.start()
    for number in range(50):
        read_record({**VALID, "unit_name": f"{number:02d}" * 50_000})
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 1_000_000


@pytest.mark.parametrize("schema", [DossierSchema(), StepSchema()], ids=["dossier", "step"])
def test_the_schemas_have_no_hooks_that_the_lane_would_miss(schema: DossierSchema | StepSchema) -> None:
    assert not any(schema._hooks.values())
