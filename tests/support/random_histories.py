"""Random histories of dossiers, random questions, and the comparison of an answer with the recount."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count as numbers
from itertools import groupby
from typing import Any
from unicodedata import normalize

import time_machine
from hypothesis import strategies as st

from service.domain.calendar.local_time import day_end, day_start, local_day
from service.domain.procedures import LimitUnit, TimeLimit
from service.domain.units import Unit
from service.store import catalogue, sources
from service.store.database import Database
from tests.support.client import Client
from tests.support.oracle import ALL, FLOWS, INSTANT, Dossier, Place, World, count, plain
from tests.support.oracle_units import GROUPS, bounds, group_of, line, month_of
from tests.support.oracle_versions import LIFECYCLE, Push, is_midnight, moment, status_of

NOW = datetime(2025, 3, 25, 2, 0, tzinfo=UTC)
ASKED_AT = ("2025-01-31", "2025-03-05T12:00:00+07:00", "2025-03-20", None)
"""Moments that a history is asked about: before, within and after it, and now."""
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
AS_OF = (*MOMENTS, "2025-03-20", "2025-03-05", None)

PERIODS = (
    "ytd", "2025", "2025-H1", "2025-Q1", "2025-01", "2025-02", "2025-03", "2025-03-03", "2025-03-14", "2024-12",
    "2024-Q4",
)  # fmt: skip

CALENDARS = {"civil": (0, 1), "reporting": (1, 15), "1,21": (1, 21)}
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
EXAMPLES = numbers(100)
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


@st.composite
def batches(draw: st.DrawFn) -> list[list[dict[str, Any]]]:
    """Draw what is pushed in a few batches: several versions of a few dossiers, in any order."""
    codes = st.integers(0, 4)
    deletion = codes.map(lambda code: {"code": str(code), "deleted": True})
    batch = st.lists(st.one_of(*[codes.flatmap(records)] * 4, deletion), min_size=1, max_size=5)
    return draw(st.lists(batch, min_size=1, max_size=4))


def without_ties(drawn: list[list[dict[str, Any]]]) -> list[list[dict[str, Any]]]:
    """Leave out records that nothing but their filing could put in order."""
    seen: dict[tuple[Any, ...], dict[str, Any]] = {}
    kept: list[list[dict[str, Any]]] = []
    for number, batch in enumerate(drawn):
        known_at = FIRST_PUSH + timedelta(days=number)
        kept.append([])
        for place, record in enumerate(batch):
            changed = moment(record.get("changed_at"))
            if changed is None or changed > known_at + timedelta(days=1):
                changed = known_at + place * INSTANT
            life = None if is_midnight(changed) else LIFECYCLE[status_of(record)]
            key = (record["code"], changed, life)
            if seen.setdefault(key, record) == record:
                kept[-1].append(record)
    return kept


def question() -> st.SearchStrategy[dict[str, Any]]:
    """Draw a question; its unit is what follows the root's code."""
    return st.fixed_dictionaries(
        {
            "unit": st.sampled_from(PLACES),
            "period": st.sampled_from(PERIODS),
            "calendar": st.sampled_from(sorted(CALENDARS)),
            "as_of": st.sampled_from(AS_OF),
            "subtree": st.sampled_from(("1", "1", "0")),
            "structure": st.sampled_from(("historic", "current")),
            "group_by": st.sampled_from((None, "unit", "field", "procedure", "channel", "month", "day")),
        }
    )


class Trial:
    """One root unit with its places, pushed histories, and the piles that the recount makes of them."""

    def __init__(self, client: Client, database: Database, *, derives_pauses: bool = False) -> None:
        self.client = client
        self.root = f"H23.{next(EXAMPLES)}"
        self.number = self.root.rpartition(".")[2]
        self.world = World(self._places(), LIMITS, NAMED, derives_pauses=derives_pauses)
        self.pushes: list[Push] = []
        with database.writing() as session:
            sources.set_derive_pauses(session, "mot-cua", derive=derives_pauses)
            catalogue.put_procedures(session, [], NAMED)
            catalogue.put_units(
                session,
                [Unit("H23")]
                + [
                    Unit(code, code, None, place.parent, None, place.valid_to, place.successors)
                    for code, place in self.world.places.items()
                ],
            )

    def _places(self) -> dict[str, Place]:
        root = self.root
        plain = {root + rest: Place((root + rest).rpartition(".")[0] if rest else None) for rest in PLACES}
        return plain | {
            f"{root}.05": Place(root, date(2025, 3, 4), (f"{root}.06", f"{root}.03")),
            f"{root}.07": Place(root, date(2025, 3, 4)),
            f"{root}.08": Place(root, date(2025, 2, 28), (f"{root}.09",)),
            f"{root}.09": Place(root, date(2025, 3, 14), (f"{root}.01",)),
        }

    def push_daily(self, batches_of_days: list[list[dict[str, Any]]]) -> None:
        """Push the batches of a history, one a day."""
        for number, batch in enumerate(batches_of_days):
            if batch:
                self.push(batch, FIRST_PUSH + timedelta(days=number))

    def push(self, batch: list[dict[str, Any]], known_at: datetime) -> None:
        named = [
            record | {"code": f"{self.number}-{record['code']}", "unit_code": self.root + record.get("unit_code", "")}
            for record in batch
        ]
        self.pushes += [Push(record, known_at + number * INSTANT) for number, record in enumerate(named)]
        with time_machine.travel(known_at, tick=False):
            for deleted, some in groupby(named, key=lambda record: "deleted" in record):
                (self._delete if deleted else self._send)(list(some))

    def _send(self, records: list[dict[str, Any]]) -> None:
        response = self.client.ndjson(records)
        assert response.status_code == 200, response.text

    def _delete(self, records: list[dict[str, Any]]) -> None:
        for record in records:
            response = self.client.http.delete(f"/api/v1/dossiers/{record['code']}", headers=self.client.auth)
            assert response.status_code in (200, 404), response.text

    def check(self, asked: dict[str, Any], pile: list[Dossier]) -> None:
        """Compare every number of one answer with the recount."""
        as_of = as_moment(asked["as_of"])
        lag, start_day = CALENDARS[asked["calendar"]]
        first, after = bounds(asked["period"], local_day(as_of), lag, start_day)
        params = {name: value for name, value in asked.items() if value is not None}
        params["unit"] = self.root + asked["unit"]
        with time_machine.travel(NOW, tick=False):
            response = self.client.get("/api/v1/stats", **params)
        if day_start(first) > as_of:
            assert response.status_code == 400, response.text
            return
        assert response.status_code == 200, response.text
        answer = response.json
        day = local_day(as_of) if asked["structure"] == "current" else None
        mine = [d for d in pile if self.is_mine(d, params["unit"], asked["subtree"], day)]
        wanted = count(mine, day_start(first), min(as_of, day_start(after) - INSTANT), self.world)
        assert answer["counts"] == {**answer["counts"], **wanted}, "total"
        assert_identities(answer["counts"])
        if asked["group_by"] in ("month", "day"):
            self._check_buckets(asked, answer, mine, first, min(after, local_day(as_of) + timedelta(days=1)), as_of)
        elif asked["group_by"]:
            self._check_groups(asked, params["unit"], answer, mine, day, day_start(first), as_of, after)

    def is_mine(self, d: Dossier, unit: str, subtree: str, day: date | None) -> bool:
        above = line(d.unit, self.world, day)
        return unit in above if subtree == "1" else unit == above[0]

    def _check_groups(
        self, asked: dict[str, Any], unit: str, answer: Any, mine: list[Dossier], day: date | None,
        start: datetime, as_of: datetime, after: date,
    ) -> None:  # fmt: skip
        piles: dict[str | None, list[Dossier]] = {}
        for d in mine:
            by = asked["group_by"]
            key = group_of(d.unit, unit, self.world, day) if by == "unit" else GROUPS[by](d)
            piles.setdefault(plain(key), []).append(d)
        m = min(as_of, day_start(after) - INSTANT)
        wanted = {key: count(some, start, m, self.world) for key, some in piles.items()}
        served = {plain(g["key"]["code"] or g["key"]["name"]): known_counts(g["counts"]) for g in answer["groups"]}
        assert len(served) == len(answer["groups"])
        nothing = dict.fromkeys(ALL, 0)
        for key in wanted.keys() | served.keys():
            have = served.get(key, nothing)
            assert have == {**have, **wanted.get(key, nothing)}, f"group {key}"

    def _check_buckets(
        self, asked: dict[str, Any], answer: Any, mine: list[Dossier], first: date, after: date, as_of: datetime
    ) -> None:
        wanted = list(_buckets(asked, first, after))
        assert [g["key"]["code"] for g in answer["groups"]] == [name for name, _, _ in wanted]
        for (name, begins, ends), group in zip(wanted, answer["groups"], strict=True):
            counted = count(mine, day_start(begins), min(as_of, day_start(ends) - INSTANT), self.world)
            have = group["counts"]
            given = (*FLOWS, "carried_over", "workload", "in_progress")
            compared = ALL if name == wanted[-1][0] else given
            for key in compared:
                assert have[key] == counted[key], f"{key} of {name}"
            assert all(have[key] is None for key in ALL if key not in compared), name


def as_moment(text: str | None) -> datetime:
    if text is None:
        return NOW
    at = moment(text)
    assert at is not None
    return day_end(local_day(at)) if len(text) == 10 else at


def _buckets(asked: dict[str, Any], first: date, after: date) -> Iterator[tuple[str, date, date]]:
    lag, start_day = CALENDARS[asked["calendar"]]
    day = first
    while day < after:
        name = day.isoformat()
        ends = day + timedelta(days=1)
        if asked["group_by"] == "month":
            year, month = month_of(day, lag, start_day)
            name = f"{year}-{month:02d}"
            ends = min(bounds(name, day, lag, start_day)[1], after)
        yield name, day, ends
        day = ends


def known_counts(counts: dict[str, int | None]) -> dict[str, int | None]:
    """Return the counts of a group; those of units that never sent anything are unknown, and the recount has none."""
    return dict.fromkeys(counts, 0) if {*counts.values()} == {None} else counts


def assert_identities(c: dict[str, int]) -> None:
    """Assert what must always hold between counts."""
    assert c["workload"] == c["carried_over"] + c["received"] == c["closed"] + c["in_progress"]
    assert c["received"] == c["received_online"] + c["received_direct"] + c["received_postal"]
    assert c["resolved"] == c["early"] + c["on_time"] + c["late"] + c["no_deadline"]
    assert c["closed"] == c["resolved"] + c["withdrawn"] + c["stopped"]
    assert c["in_progress"] == c["open_in_time"] + c["open_overdue"] + c["paused"]
    assert c["paused"] == c["paused_in_time"] + c["paused_overdue"]
    assert c["open_no_deadline"] <= c["open_in_time"]
