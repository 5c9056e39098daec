"""Random histories pushed day by day, random questions, and the comparison of an answer with the recount."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count as numbers
from itertools import groupby
from typing import Any

import time_machine
from hypothesis import strategies as st

from service.domain.calendar.local_time import day_end, day_start, local_day
from service.domain.units import Unit
from service.store import catalogue, sources
from service.store.database import Database
from tests.support.client import Client
from tests.support.oracle import ALL, FLOWS, INSTANT, Dossier, Place, World, count, plain
from tests.support.oracle_units import GROUPS, bounds, group_of, line, month_of
from tests.support.oracle_versions import Push, moment
from tests.support.random_records import FIRST_PUSH, LIMITS, MOMENTS, NAMED, PLACES

NOW = datetime(2025, 3, 25, 2, 0, tzinfo=UTC)
ASKED_AT = ("2025-01-31", "2025-03-05T12:00:00+07:00", "2025-03-20", None)
"""Moments that a history is asked about: before, within and after it, and now."""
AS_OF = (*MOMENTS, "2025-03-20", "2025-03-05", None)

PERIODS = (
    "ytd", "2025", "2025-H1", "2025-Q1", "2025-01", "2025-02", "2025-03", "2025-03-03", "2025-03-14", "2024-12",
    "2024-Q4",
)  # fmt: skip

CALENDARS = {"civil": (0, 1), "reporting": (1, 15), "1,21": (1, 21)}
EXAMPLES = numbers(100)


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
        for number, (kind, request) in enumerate(groupby(map(self._named, batch), key=_kind)):
            some, at = list(request), known_at + timedelta(seconds=number)
            self.pushes += [Push(record, at + place * INSTANT) for place, record in enumerate(some)]
            with time_machine.travel(at, tick=False):
                {"step": self._carry, "deleted": self._delete, "": self._send}[kind](some)

    def _named(self, record: dict[str, Any]) -> dict[str, Any]:
        unit = {"unit_code": self.root + record["unit_code"]} if "unit_code" in record else {}
        return record | {"code": f"{self.number}-{record['code']}"} | unit

    def _send(self, records: list[dict[str, Any]]) -> None:
        response = self.client.ndjson(records)
        assert response.status_code == 200, response.text

    def _carry(self, steps: list[dict[str, Any]]) -> None:
        """Send progress steps; those of dossiers that are not known are refused."""
        told = [{"MaHoSo": s["code"], "ThoiDiemXuLy": _national(s["at"]), "TrangThai": str(s["step"])} for s in steps]
        response = self.client.http.post("/national/CapNhatTienDoHoSoMC", json=told, headers=self.client.auth)
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


def _kind(record: dict[str, Any]) -> str:
    return next((kind for kind in ("step", "deleted") if kind in record), "")


def _national(moment: str) -> str:
    """Write a moment as the national format does."""
    return "".join(filter(str.isdigit, moment[:19]))


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
