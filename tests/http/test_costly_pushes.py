"""What one key cannot do to the others with a push that is small as sent: hold their locks, or the memory of all."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import get_native_id
from typing import Any

import pytest

from service.domain.api_keys import key_id_of
from service.domain.calendar.work_calendar import OfficeHours
from service.domain.dossier.events import DeletionEvent, DossierEvent, Rejection
from service.domain.dossier.status_words import status_words
from service.formats.csv_files import read_csv
from service.formats.files import FileLimits, FileReader, FileToImport
from service.formats.json_records.text import JsonLimits
from service.formats.registers.understanding import Understanding
from service.formats.tables import MAX_COLUMNS, FileError, cut_row
from service.ingest import batch
from service.ingest.pipeline import Event, Pipeline
from service.ingest.sender import Allowance, Sender
from service.schemas import unknown_fields
from service.schemas.dossier_input import PauseSchema, read_record
from service.schemas.unknown_fields import NAMED, RecordReader
from service.store import sources
from service.store.database import Database
from tests.support.client import Client, dossier
from tests.support.register_files import COLUMNS, as_csv, as_xlsx, rejected_rows, row, send, told

BATCH = "/api/v1/dossiers/batch"


@pytest.mark.parametrize("path", ["/api/v1/dossiers", "/api/v1/heartbeats"])
def test_one_dossier_is_no_list_of_a_million(client: Client, path: str) -> None:
    """Read whole, it would take 400 MB; sixteen such pushes of one key are read at a time."""
    packed = gzip.compress(b"[" + b'{"a":0},' * 1_000_000 + b"{}]")
    headers = {**client.auth, "Content-Encoding": "gzip"}
    answer = client.http.post(path, data=packed, content_type="application/json", headers=headers)
    assert (len(packed) < 50_000, answer.status_code) == (True, 413)


def test_a_push_that_takes_too_long_stores_nothing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.push(dossier("A-1"))
    monkeypatch.setattr("service.ingest.sender.LONGEST", -1.0)
    answer = client.batch([dossier("A-2")])
    assert (answer.status_code, "split it" in answer.text, answer.headers["Retry-After"]) == (503, True, "5")
    assert client.counts(as_of="2023-10-05", period="2023")["workload"] == 1


@pytest.mark.parametrize("name", ["a.json", "a.ndjson"])
def test_of_an_object_of_many_names_the_first_are_looked_at(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To look for the meaning of 2.5 million names took 22 s within SQLite's lock."""
    looked_at: list[str] = []

    def repeat(name: str) -> str:
        looked_at.append(name)
        return name

    monkeypatch.setattr("service.formats.files.meaning", lambda heading, _: repeat(heading) and None)
    monkeypatch.setattr("service.schemas.unknown_fields._repeated", repeat)
    path, item = tmp_path / name, json.dumps(dict.fromkeys(map(str, range(5000)), 1))
    path.write_text(f"[{item}]" if name == "a.json" else item)
    limits = FileLimits(256, JsonLimits(32, 100_000))
    list(FileReader(FileToImport(path, path.suffix), limits, Understanding({}, status_words(), {})).rows())
    assert len(looked_at) == MAX_COLUMNS + 1000


def test_heartbeats_of_many_days_may_take_too_long(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """20,000 of 9,000 days held SQLite's lock for 26 s."""
    client.push(dossier("A-1"))
    monkeypatch.setattr("service.ingest.sender.LONGEST", -1.0)
    units = [{"unit_code": "H23.45", "nothing_new_until": f"2023-10-{day:02d}"} for day in (1, 2)]
    answer = client.http.post("/api/v1/heartbeats", json={"units": units}, headers=client.auth)
    assert (answer.status_code, "too long" in answer.text) == (503, True)


def test_national_records_are_read_as_they_are_filed(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """6,500 of them with 200 wrong pauses each were read for minutes before anything looked at the time."""
    seen, read = list[str](), RecordReader.read

    def noting(reader: RecordReader, item: Any) -> Any:
        seen.append("read")
        return read(reader, item)

    monkeypatch.setattr(Allowance, "go_on", lambda _: seen.append("look"))
    monkeypatch.setattr(RecordReader, "read", noting)
    client.http.post("/national/DongBoHoSoMC", json=[{}, {}], headers=client.auth)
    assert seen[:3] == ["read", "look", "read"]


def test_of_a_record_a_hundred_wrong_fields_are_told() -> None:
    record = read_record(dossier("A-1", pauses=[{"from": "?"}] * 200))
    assert isinstance(record, Rejection) and len(record.errors) == 100


def test_a_wrong_record_gives_a_quarter_of_the_time_of_a_right_one() -> None:
    """2,000 dossiers with 200 wrong pauses each took 37 s, and nothing was stored."""
    seen = list[float]()
    records = [read_record(dossier("A-1")), Rejection(None, {})]
    sender = Sender(1, "r", key_id="0123abcd")
    for _ in batch._read(records, sender):
        seen.append(sender.allowed.records)
    assert seen == [1, 1.25]


def test_waiting_for_the_lock_takes_none_of_the_time(database: Database, key: str) -> None:
    with database.writing() as session:
        sender = Sender(sources.find(session, "mot-cua").id, "r", key_id=key_id_of(key))
        sender.allowed.began = -1e9
        Pipeline(session, sender, lambda: datetime.now(UTC), OfficeHours())
    assert sender.allowed.began > 0


def test_names_that_nobody_reads_are_compared_a_few_times_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []
    monkeypatch.setattr(unknown_fields, "nearest", lambda name, _words: compared.append(name))
    reader = RecordReader(strict=True)
    for number in range(100):
        record = reader.read({f"x{number}_{place}": 1 for place in range(50)})
        assert isinstance(record, Rejection) and len(record.errors) >= NAMED
    assert len(compared) == NAMED


def test_a_dossier_may_be_taken_back_any_number_of_times(database: Database, key: str) -> None:
    code, ticks = "A-1", iter(range(10_000))
    news: list[Event] = []
    for number in range(400):
        news += [read_record(dossier(code, field_name=f"Lĩnh vực {number}")), DeletionEvent(code)]
    with database.writing() as session:
        sender = Sender(sources.find(session, "mot-cua").id, "r")
        now = datetime(2023, 10, 5, tzinfo=UTC)
        pipeline = Pipeline(session, sender, lambda: now + timedelta(seconds=next(ticks)), OfficeHours())
        results = [result.result for result in pipeline.file(news)]
    assert set(results[::2]) == {"created", "updated"} and set(results[1::2]) == {"deleted"}


def test_a_batch_of_blank_lines_is_refused(client: Client) -> None:
    """0.2 MB of packed line feeds held a thread for seven seconds; on SQLite every other vendor waited."""
    answer = client.ndjson([b"\n" * 3_000_000, dossier("A-1")], packed=True)
    assert (answer.status_code, "blank lines" in answer.text) == (413, True)
    assert client.ndjson([b"\n" * 1000, dossier("A-1")], packed=True).status_code == 200


@contextmanager
def _noting_children(database: Database, seen: list[str], **given: Any) -> Iterator[Any]:
    seen.append(_children())
    with _WRITING(database, **given) as session:
        yield session


def _children() -> str:
    return Path(f"/proc/self/task/{get_native_id()}/children").read_text()


_WRITING = Database.writing


def test_a_workbook_has_been_read_when_the_lock_is_taken(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sheet of two cells far apart keeps the process that reads it busy for seconds, and a file may have hundreds."""
    content = as_xlsx(COLUMNS, *(row(f"H23.45-{number}") for number in range(2500)))
    seen, before = list[str](), _children()  # such as the servers of the tests
    monkeypatch.setattr(Database, "writing", lambda self, *_, **__: _noting_children(self, seen))
    answer = told(send(client, "a.xlsx", content))
    assert (answer["created"], {*seen}) == (2500, {before})


def test_a_dossier_of_too_many_pauses_is_refused_before_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """40 lines of 13,800 pauses each held SQLite's lock for 39 s."""
    monkeypatch.setattr(PauseSchema, "load", lambda *_, **__: pytest.fail("a pause was read"))
    record = read_record(dossier("A-1", pauses=[{"from": "2023-10-03"}] * 201))
    assert isinstance(record, Rejection) and "pauses" in record.errors


def test_of_a_row_of_csv_two_hundred_cells_are_read() -> None:
    """60 lines of 65,000 cells took 101 s before the first row."""
    assert cut_row(["a"] * 500_000)[199:] == ["a", "…"]
    assert cut_row([*["a"] * 200, "", ""]) == ["a"] * 200


def test_a_row_of_csv_over_many_lines_is_refused_before_it_is_read(tmp_path: Path) -> None:
    """One row of 60 MB, whose cells held line feeds, took 1.6 GB."""
    path = tmp_path / "a.csv"
    path.write_text("Mã hồ sơ,Mã đơn vị\n" + '"a\n",' * 400_000, encoding="utf-8")
    with pytest.raises(FileError, match="Dòng 2"):
        list(read_csv(path).rows)


def test_a_row_that_is_no_record_takes_of_the_time_of_its_request(tmp_path: Path) -> None:
    """600,000 lines `x,` after 2,000 records held SQLite's lock for 133 s."""
    path, looks = tmp_path / "a.csv", list[str]()
    path.write_bytes(as_csv(COLUMNS, row(), COLUMNS, *(["x"] for _ in range(5))))
    limits, known = FileLimits(256, JsonLimits(32, 10)), Understanding({}, status_words(), {})
    list(FileReader(FileToImport(path, ".csv"), limits, known, lambda: looks.append("a")).rows())
    assert len(looks) == 8


def test_reading_a_file_may_take_too_long_before_its_first_record(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1 MB of headings, repeated 1,500 times, took 35 s."""
    monkeypatch.setattr("service.ingest.sender.LONGEST", -1.0)
    answer = send(client, "a.csv", as_csv(COLUMNS, *(COLUMNS for _ in range(5))))
    assert (answer.status_code, "too long" in answer.text) == (503, True)


def test_blank_rows_of_a_table_are_counted(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.formats.csv_files.MAX_BLANK_LINES", 100)
    content = as_csv(COLUMNS, row(), *([""] for _ in range(99)))
    assert [send(client, "a.csv", content + b",\r\n" * more).status_code for more in (1, 2)] == [200, 422]


def test_of_a_huge_cell_no_more_is_kept_than_a_field_reads(tmp_path: Path) -> None:
    """A workbook of half a gigabyte, packed into one, was kept whole while its rows waited to be filed."""
    path, huge = tmp_path / "a.csv", "á" + "x" * 100_000
    pauses = json.dumps([{"from": "2023-10-03", "to": "2023-10-04"}] * 200)
    padded = f"H23.45-{chr(0x200B) * 5000}1"
    cells = [*row(padded), huge, huge, pauses]
    path.write_bytes(as_csv([*COLUMNS, "Tên thủ tục", "Ghi chú", "pauses"], cells, [*row("A-2"), huge, huge, huge]))
    reader = FileReader(
        FileToImport(path, ".csv"), FileLimits(256, JsonLimits(32, 10)), Understanding({}, status_words(), {})
    )
    first, second = reader.rows()
    assert isinstance(first.news, DossierEvent) and isinstance(second.news, Rejection)
    assert (first.news.code, len(first.news.snapshot.pauses)) == ("H23.45-1", 200)
    assert sum(len(str(cell)) for cell in (*first.cells.values(), *second.cells.values())) < 40_000


def test_rejected_rows_beyond_the_limit_are_counted(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.http.resources.file_import._REJECTED_MB", 0.01)
    answer = send(client, "a.csv", as_csv(COLUMNS, *(row(f"A-{number}", status="?") for number in range(200)))).json
    assert answer is not None and answer["rejected"] == 200
    *listed, last = rejected_rows(answer)[1:]
    assert 5 < len(listed) < 60 and f"còn {200 - len(listed)} dòng" in "".join(last)


def test_passed_over_rows_are_told_up_to_a_limit(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    content = as_csv(COLUMNS, row(), *(["Tổng số", "1"] for _ in range(5)))
    assert "truncated" not in told(send(client, "a.csv", content))
    monkeypatch.setattr("service.formats.registers.sheets.LISTED", 3)
    answer = told(send(client, "a.csv", content))
    assert (answer["passed_over"], len(answer["unread"]["rows"]), answer["truncated"]) == (5, 3, True)


def test_headings_that_are_repeated_for_ever_are_told_up_to_a_limit(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each row of headings was noted anew, with all its columns."""
    headings = [[*COLUMNS, f"Lạ {number} {'x' * 5000}"] for number in range(30)]
    monkeypatch.setattr("service.formats.registers.sheets.LISTED", 30)
    whole = told(send(client, "a.csv", as_csv(*headings, row())))
    assert (len(whole["unread"]["columns"]), "truncated" in whole) == (30, False)
    monkeypatch.setattr("service.formats.registers.sheets.LISTED", 10)
    answer = told(send(client, "a.csv", as_csv(*headings, row())))
    assert (len(answer["unread"]["columns"]), answer["truncated"]) == (10, True)
    assert max(len(column["heading"]) for column in answer["unread"]["columns"]) <= 1000


def test_a_sheet_may_be_asked_for_under_any_name(client: Client) -> None:
    answer = send(client, "a.xlsx", as_xlsx(COLUMNS, row()), sheet="\0" + "x" * 200_000)
    assert (answer.status_code, "no such sheet" in answer.text) == (422, True), json.dumps(answer.json)[:300]
