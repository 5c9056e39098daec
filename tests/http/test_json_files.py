"""JSON in files is read under the limits of request bodies, by the same reader."""

import gzip
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from service.formats.json_records.records import NotJson, read_array, read_lines, read_object, read_whole
from service.formats.json_records.text import JsonLimits, Text, TooLarge
from service.schemas.heartbeat_input import MOST_UNITS
from tests.support.client import Client, dossier
from tests.support.register_files import send

LIMITS = JsonLimits(megabytes=32, records=100_000)
MOST_MB = 200
MOST_TURNS_IN_ONE_GO = 300


def test_a_file_of_empty_objects_is_refused_and_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"[" + b"{}," * 10_000_000 + b"{}]")
    program = (
        "import sys; from pathlib import Path; from service.domain.errors import CallerError\n"
        "from service.formats.files import FileLimits, FileReader, FileToImport\n"
        "from service.formats.json_records.text import JsonLimits\n"
        "from service.formats.registers.understanding import Understanding\n"
        "from service.domain.dossier.status_words import status_words\n"
        "known = Understanding({}, status_words(), {})\n"
        "limits = FileLimits(256, JsonLimits(32, 100_000))\n"
        "try: print(sum(1 for _ in FileReader(FileToImport(Path(sys.argv[1]), '.json'), limits, known).rows()))\n"
        "except CallerError as error: print(error)\n"
        "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))\n"
    )
    command = [sys.executable, "-c", program, str(path)]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    refusal, peak_kb = told.stdout.splitlines()
    assert "NDJSON" in refusal
    assert int(peak_kb) / 1024 < MOST_MB


@pytest.mark.parametrize("content", [b"[{", b"\xff\xfe", b"[" * 40_000])
def test_what_is_no_json_is_refused(content: bytes) -> None:
    with pytest.raises(NotJson):
        read_whole([content], LIMITS)


def test_lists_within_lists_are_refused() -> None:
    """18 KB packed held every other thread up for a second."""
    with pytest.raises(TooLarge):
        read_whole([b"[" + b"[" * 4_000_001 + b"]" * 4_000_002], LIMITS)


@pytest.mark.parametrize("value", [b"[[[[]]]]", b"[[[[0],[0]]]]", b'{"a":[]}'])
def test_a_large_record_of_lists_in_lists_is_refused(value: bytes) -> None:
    """77 KB of gzip took 1.5 GB; singles of such lists kept everybody waiting for 6 s."""
    record = b'{"a":[' + (value + b",") * 500_000 + b"0]}"
    pieces = [record[place : place + 65536] for place in range(0, len(record), 65536)]
    with pytest.raises(TooLarge):
        list(read_array([b"[", *pieces, b"]"], LIMITS))
    with pytest.raises(TooLarge):
        read_whole(pieces, replace(LIMITS, records=1))


@pytest.mark.parametrize("value", [b"1.5", b'"ab"', b"{}"])
def test_an_array_of_very_many_values_is_refused(value: bytes) -> None:
    """15 KB of gzip became four million numbers, and nothing else ran for a second and a half."""
    values = b"[" + (value + b",") * 1_000_000 + b"1]"
    with pytest.raises(TooLarge):
        read_whole([values], LIMITS)
    with pytest.raises(TooLarge):
        read_object([b'{"data":', values, b"}"], LIMITS, "data", ())


def test_an_object_of_a_million_names_is_refused() -> None:
    """It stopped everything for 1.5 s, or took half a gigabyte."""
    names = b",".join(b'"%d":""' % number for number in range(900_000))
    with pytest.raises(TooLarge, match="names"):
        read_whole([b'["' + b"{" * 25_000 + b'",{' + names + b"}]"], replace(LIMITS, records=50_000))


_LARGE = b"[" + b",".join(b'{"code": "L-%d", "pad": "%s"}' % (n, b"x" * 900) for n in range(3000)) + b"]"


@pytest.mark.parametrize("path", ["/api/v1/dossiers/batch?dry_run=1", "/national/DongBoHoSoMC?dry_run=1"])
def test_a_large_array_is_never_held(client: Client, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two that were held at a time kept every other one waiting for ten seconds, each with a place of all pushes."""
    longest, fill = [0], Text._fill

    def filled(text: Text) -> None:
        fill(text)
        longest.append(len(text._text))

    monkeypatch.setattr(Text, "_fill", filled)
    answer = client.http.post(path, data=_LARGE, content_type="application/json", headers=client.auth)
    assert answer.status_code in (200, 422)
    assert b"3000" in answer.data
    assert 0 < max(longest) < 400_000 < len(_LARGE)


def test_a_line_without_an_end_is_refused() -> None:
    with pytest.raises(TooLarge):
        list(read_lines([b"x" * 64 * 1024] * 20))


def test_a_byte_order_mark_is_no_part_of_the_first_record() -> None:
    assert list(read_lines([b"\xef\xbb", b'\xbf{"a": 1}\n', b'{"a": 2}'])) == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize(
    "content",
    [
        b"[" + b'{"code":"a"},' * 500_000 + b"{}]",
        b'["' + b"{" * 25_000 + b'"' + b',"%d"' % 5 * 900_000 + b"]",
    ],
    ids=["records", "texts"],
)
def test_others_have_their_turn_while_much_is_read(content: bytes) -> None:
    """Read in one go, an array of 24 MB held every widget up for 0.3 s, an object of a million names for 1.5."""
    turns, before, read = 0, 0, threading.Event()

    def take_turns() -> None:
        nonlocal turns
        while not read.is_set():
            turns += 1
            time.sleep(0)

    def pieces() -> Iterator[bytes]:
        nonlocal before
        before = turns
        for place in range(0, len(content), 64 * 1024):
            yield content[place : place + 64 * 1024]

    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    other = threading.Thread(target=take_turns)
    other.start()
    try:
        for _ in read_array(pieces(), replace(LIMITS, records=1_000_000)):
            pass
    finally:
        read.set()
        sys.setswitchinterval(usual)
        other.join()
    assert turns - before > MOST_TURNS_IN_ONE_GO


@pytest.mark.parametrize(
    ("limits", "content", "told"),
    [
        ({"max_array_mb": 0}, b"[]", "tối đa 0 MB"),
        ({"max_records": 10}, b"[" + b"{}," * 10 + b"{}]", "too many rows"),
    ],
    ids=["megabytes", "records"],
)
def test_a_file_has_the_limits_of_the_settings(
    client: Client, limits: dict[str, int], content: bytes, told: str
) -> None:
    extensions = client.http.application.extensions
    settings = extensions["tthc"].settings.model_copy(update=limits)
    extensions["tthc"] = replace(extensions["tthc"], settings=settings)
    assert told in send(client, "a.json", content).text


def test_one_dossier_may_have_hundreds_of_attachments(client: Client) -> None:
    files = [{"a": "x" * 90, "b": number, "c": "y" * 300, "d": None, "e": ""} for number in range(600)]
    assert client.push(dossier(attachments=files)).status_code == 201
    assert client.push(dossier("A-2", remark="một, hai, " * 9_000)).status_code == 201


def test_as_many_heartbeats_are_taken_as_there_may_be(client: Client) -> None:
    client.push(dossier())
    units = [{"unit_code": "H23.45", "nothing_new_until": "2023-10-04T17:00:00+07:00"} for _ in range(MOST_UNITS)]
    body = gzip.compress(json.dumps({"units": units}, indent=1).encode())
    headers = client.auth | {"Content-Encoding": "gzip"}
    answer = client.http.post(
        "/api/v1/heartbeats?dry_run=1", data=body, content_type="application/json", headers=headers
    )
    assert (answer.status_code, answer.json) == (200, {"heard": 1})
