"""Every message about input says what to do, in Vietnamese first and English second; none is English alone."""

import gc
import weakref
from typing import Any

import pytest

from service.domain.dossier.events import DossierEvent, Rejection
from service.domain.errors import BadData
from service.schemas.dossier_input import DossierSchema, StepSchema, read_record, read_step
from service.schemas.heartbeat_input import HeartbeatsSchema, read_heartbeats

RECORD = {
    "code": "A-1", "unit_code": "H23.45", "procedure_code": "1.004873", "status": "processing",
    "received_at": "2023-10-02", "pauses": [{"from": "2023-10-03", "to": "2023-10-04"}],
}  # fmt: skip
STEP = {"code": "A-1", "status": "4", "moment": "2023-10-02"}
WRONG: list[Any] = [
    None, True, 7, -1.5, float("nan"), float("inf"), 10**30, "", " ", "x", "x" * 1000, "a\x00b", "\ud800", [], {},
    [None], ["x"], [{}], [{"from": None}], [{"from": "", "to": []}], [{"from": "2023-10-01"}] * 201, {"from": 1},
    "2023-02-30", "0001-01-01T00:00:00+07:00", "9999-12-31", "2023-10-02T08:00:00", b"x",
]  # fmt: skip


def _is_in_both_languages(message: str) -> bool:
    vietnamese, _, english = message.partition("(")
    return not vietnamese.isascii() and bool(english)


def _messages(schema: Any, record: dict[str, Any], read: Any) -> list[str]:
    """Collect everything that is said about each field with each wrong value, and about each missing field."""
    told: list[str] = []
    for name in schema._declared_fields:
        for outcome in (
            read({key: value for key, value in record.items() if key != name}),
            *(read({**record, name: value}) for value in WRONG),
        ):
            if isinstance(outcome, Rejection):
                told += [message for messages in outcome.errors.values() for message in messages]
    return told


def _read_beats(content: Any) -> Any:
    try:
        return read_heartbeats(content)
    except BadData as error:
        return Rejection(None, error.errors or {})


@pytest.mark.parametrize(
    ("schema", "record", "read"),
    [
        (DossierSchema, RECORD, read_record),
        (StepSchema, STEP, read_step),
        (HeartbeatsSchema, {"units": [{"unit_code": "H23", "nothing_new_until": "2023-10-04"}]}, _read_beats),
    ],
)
def test_no_message_is_english_alone(schema: Any, record: dict[str, Any], read: Any) -> None:
    told = _messages(schema, record, read)
    assert len(told) > 20
    assert [message for message in told if not _is_in_both_languages(message)] == []


PLACES: list[tuple[Any, str]] = [
    ("x", "pauses"),
    ({}, "pauses"),
    (["x"], "pauses.0"),
    ([None], "pauses.0"),
    ([{}], "pauses.0.from"),
    ([{"from": "2023-10-03"}, {"from": 1}], "pauses.1.from"),
]


@pytest.mark.parametrize(("pauses", "place"), PLACES)
def test_a_nested_error_names_its_place(pauses: Any, place: str) -> None:
    rejection = read_record({**RECORD, "pauses": pauses})
    assert isinstance(rejection, Rejection)
    assert list(rejection.errors) == [place]


MOMENTS = [
    ("2026-10-04T13:37+07:00", "2026-10-04T06:37:00+00:00"),
    ("2026-10-04T06:37Z", "2026-10-04T06:37:00+00:00"),
    ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59+00:00"),
    ("2017-01-01T06:59:60+07:00", "2016-12-31T23:59:59+00:00"),
    ("1990-01-01", "1989-12-31T17:00:00+00:00"),
    ("1990-01-01T00:00:00+07:00", "1989-12-31T17:00:00+00:00"),
    ("2100-12-31T23:59:59+07:00", "2100-12-31T16:59:59+00:00"),
]


@pytest.mark.parametrize(("text", "utc"), MOMENTS)
def test_a_moment_is_taken(text: str, utc: str) -> None:
    event = read_record({**RECORD, "received_at": text})
    assert isinstance(event, DossierEvent)
    assert event.snapshot.received_at is not None
    assert event.snapshot.received_at.isoformat() == utc


@pytest.mark.parametrize(
    "text",
    ["0001-01-01", "0001-01-01T00:00:00+07:00", "0000-05-05", "1989-12-31", "1989-12-31T23:59:59+07:00",
     "2101-01-01", "2101-01-01T00:00:00+07:00", "9999-12-31T23:59:59-12:00"],
)  # fmt: skip
def test_a_year_out_of_range_is_refused_by_its_year(text: str) -> None:
    rejection = read_record({**RECORD, "received_at": text})
    assert isinstance(rejection, Rejection)
    assert "1990" in rejection.errors["received_at"][0]


@pytest.mark.parametrize("name", ["channel", "due_precision", "due_at", "unit_name", "field_code", "changed_at"])
def test_an_empty_text_counts_as_missing(name: str) -> None:
    assert read_record({**RECORD, name: ""}) == read_record(RECORD)


def test_what_was_refused_does_not_stay_in_memory() -> None:
    """Marshmallow's error holds its frames, and they the row: a file of huge cells was kept whole."""

    class Row(dict[str, Any]):
        pass

    gc.disable()
    try:
        row = Row(code="A-1", status="?")
        refused, alive = read_record(row), weakref.ref(row)
        del row
        assert isinstance(refused, Rejection) and alive() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("letter", ["\x00", "\x1f", "\x7f", "\x9f", "\ud800", "\udfff", "\u2028", "\ufffe", "\uffff"])
@pytest.mark.parametrize("name", ["unit_name", "procedure_name", "field_name", "unit_code", "code"])
def test_a_letter_that_xml_or_a_line_cannot_hold_is_refused(name: str, letter: str) -> None:
    rejection = read_record({**RECORD, name: f"H23{letter}"})
    assert isinstance(rejection, Rejection) and "control or broken" in rejection.errors[name][0]
