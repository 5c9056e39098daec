"""JSON that is larger than a window is read member by member, and gives what the standard library gives."""

import json
import random
from typing import Any

import pytest

from service.formats.json_records import records
from service.formats.json_records import text as reader
from service.formats.json_records.records import BadLine, NotJson, read_array, read_lines, read_object, read_whole
from service.formats.json_records.text import JsonLimits, OtherJson, TooLarge

LIMITS = JsonLimits(megabytes=32, records=100_000)
_NAMES = ("a", 'b\\"', '"', "{", ",", "é", "")
_LEAVES = (1, -12345, 1.5e10, 1.2345, "x", 'a"b\\', "[{,", None, True, False, float("nan"), "\ud800", 12e-7)
_BROKEN = b'[]{},:" 1ae.-'


def _value(chance: random.Random, depth: int) -> Any:
    kind = chance.random()
    if depth and kind < 0.3:
        return [_value(chance, depth - 1) for _ in range(chance.randint(0, 4))]
    if depth and kind < 0.6:
        return {chance.choice(_NAMES): _value(chance, depth - 1) for _ in range(chance.randint(0, 4))}
    return chance.choice(_LEAVES)


def _damaged(chance: random.Random, text: bytes) -> bytes:
    changed, place = bytearray(text), chance.randrange(len(text))
    if chance.random() < 0.5:
        del changed[place]
    else:
        changed.insert(place, chance.choice(_BROKEN))
    return bytes(changed)


def _as_the_library(text: bytes) -> str:
    try:
        return repr(json.loads(text))
    except ValueError:
        return "no JSON"


def _pieces(text: bytes, length: int = 3) -> list[bytes]:
    return [text[place : place + length] for place in range(0, len(text), length)]


def _as_here(text: bytes, piece: int = 3) -> str:
    try:
        return repr(read_whole(_pieces(text, piece), LIMITS))
    except (NotJson, TooLarge) as error:
        return "no JSON" if isinstance(error, NotJson) else "too large"


@pytest.mark.parametrize("window", [20, 21, 22, 27, 64])
def test_a_text_gives_the_same_in_parts(window: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_WINDOW", window)
    monkeypatch.setattr(reader, "_MOST_LEVELS", 60)
    chance = random.Random(window)
    for _ in range(2000):
        text = json.dumps(_value(chance, 4), indent=chance.choice([None, 1])).encode()
        text = chance.choice([text, _damaged(chance, text)])
        assert _as_here(text, chance.randint(1, 50)) == _as_the_library(text), text


@pytest.mark.parametrize(("levels", "is_read"), [(10, True), (11, False)])
def test_of_lists_in_lists_ten_may_be_large(levels: int, is_read: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_WINDOW", 8)
    text = b"[" * levels + b'"longer than a window"' + b"]" * levels
    assert (_as_here(text) == _as_the_library(text)) is is_read


def test_a_record_may_hold_large_attachments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_WINDOW", 8)
    text = b'{"data": [{"TaiLieuNop": [{"Base64": "longer than a window"}]}]}'
    assert list(read_array(_pieces(text), LIMITS, within="data")) == json.loads(text)["data"]


def test_of_a_long_string_is_kept_what_is_too_long_for_every_field(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_WINDOW", 20)
    monkeypatch.setattr(reader, "_LONGEST_STRING", 50)
    text = json.dumps([{"code": '\\\n"é' * 30, "b": 1}, "\\" * 31]).encode()
    for piece in range(1, 40):
        first, second = read_array(_pieces(text, piece), LIMITS)
        assert first == {"code": ('\\\n"é' * 30)[:50], "b": 1}
        assert second == "\\" * 31


@pytest.mark.parametrize("before", range(0, 70, 7))
def test_what_fits_into_a_window_is_read_wherever_it_stands(before: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_WINDOW", 64)
    text = json.dumps([{"a": "x" * before}, {"b": list(range(15))}]).encode()
    assert _as_here(text) == _as_the_library(text)


def test_a_line_with_a_large_list_is_no_json_and_spoils_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_WINDOW", 8)
    monkeypatch.setattr(records, "_PIECE", 8)
    lines = [b"[" * 12 + b"1," * 40 + b"NaN" + b"]" * 12 + b"\n", b'{"a": 1}\n']
    assert list(read_lines(lines)) == [BadLine, {"a": 1}]


@pytest.mark.parametrize("window", [20, 23, 64])
def test_the_items_of_an_array_are_those_of_the_library(window: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bare, and within an object, beside which the texts of some names are told."""
    monkeypatch.setattr(reader, "_WINDOW", window)
    monkeypatch.setattr(reader, "_MOST_LEVELS", 60)
    chance = random.Random(window)
    for _ in range(500):
        items = [_value(chance, 3) for _ in range(chance.randint(0, 5))]
        bare = json.dumps(items).encode()
        within = json.dumps({"session": "s", "data": items, "x": 15, "y": None} | {"z": ""}).encode()
        assert repr(list(read_array(_pieces(bare, 7), LIMITS, "data"))) == repr(json.loads(bare))
        assert repr(list(read_array(_pieces(within, 7), LIMITS, "data"))) == repr(json.loads(bare))
        beside = read_object(_pieces(within, 7), LIMITS, "data", ("session", "x", "z"))
        assert beside == {"session": "s", "data": len(items), "x": 15, "z": ""}


@pytest.mark.parametrize("text", [b'{"data": 1}', b'{"a": [1]}', b"{}", b'{"data": {"data": [1]}}'])
def test_an_object_without_the_array_has_no_items(text: bytes) -> None:
    with pytest.raises(OtherJson):
        list(read_array([text], LIMITS, "data"))


@pytest.mark.parametrize(
    "text",
    [
        b'[{"a": 1}',
        b'[{"a": 1}] x',
        b'[{"a": 1},]',
        b'[{"a": 1}, {"b" 2}]',
        b'["\xff"]',
        b"",
        b'{"data": [1], "data": [2]}',
    ],
)
def test_a_broken_array_is_told_after_its_good_items(text: bytes) -> None:
    with pytest.raises((NotJson, OtherJson)):
        list(read_array(_pieces(text), LIMITS, "data"))


@pytest.mark.parametrize("text", [b"[1]", b"3", b'"data"'])
def test_what_is_no_object_has_nothing_beside(text: bytes) -> None:
    with pytest.raises(OtherJson):
        read_object([text], LIMITS, "data", ())


@pytest.mark.parametrize(
    "beside",
    [b'"a": "' + b"x" * 400_000 + b'"', b",".join(b'"k%d": 1' % number for number in range(40))],
    ids=["a large text", "many members"],
)
def test_beside_an_array_little_is_read(beside: bytes) -> None:
    """300 long texts there took 4.8 GB, and their calls kept everybody's pushes waiting."""
    with pytest.raises(TooLarge):
        read_object(_pieces(b"{" + beside + b', "data": [1]}', 65536), LIMITS, "data", ())
