"""JSON in files is read under the limits of request bodies, by the same reader."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from service.formats.json_records import JsonLimits, NotJson, TooLarge, read_lines, read_whole
from tests.support.client import Client
from tests.support.register_files import send

LIMITS = JsonLimits(whole_mb=32, records=100_000)
MOST_MB = 200


def test_a_file_of_empty_objects_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"[" + b"{}," * 10_000_000 + b"{}]")
    program = (
        "import sys; from pathlib import Path; from service.domain.errors import CallerError\n"
        "from service.formats.files import read_file; from service.formats.json_records import JsonLimits\n"
        "try: list(read_file(Path(sys.argv[1]), '.json', 256, JsonLimits(32, 100_000)))\n"
        "except CallerError as error: print(error)\n"
    )
    command = [sys.executable, "-c", program, str(path)]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "NDJSON" in told.stdout
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024 < MOST_MB


@pytest.mark.parametrize("content", [b"[{", b"\xff\xfe", b"[" * 40_000])
def test_what_is_no_json_is_refused(content: bytes) -> None:
    with pytest.raises(NotJson):
        read_whole([content], LIMITS)


def test_a_line_without_an_end_is_refused() -> None:
    with pytest.raises(TooLarge):
        list(read_lines([b"x" * 64 * 1024] * 20))


def test_a_byte_order_mark_is_no_part_of_the_first_record() -> None:
    assert list(read_lines([b"\xef\xbb", b'\xbf{"a": 1}\n', b'{"a": 2}'])) == [{"a": 1}, {"a": 2}]


def test_a_json_file_over_the_limit_says_what_to_send_instead(client: Client) -> None:
    response = send(client, "a.json", b"[" + b"{}," * 4_100_000 + b"{}]")
    assert (response.status_code, "NDJSON" in response.text) == (422, True)
