"""A made-up province, skewed as in life: few units and fields have most dossiers; a hundredth is open."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import accumulate
from typing import Any

import orjson

PROVINCE = "H90"
DISTRICTS = 12
UNITS = [PROVINCE] + [f"{PROVINCE}.{n:02d}" for n in range(1, DISTRICTS + 1)]
UNITS += [f"{UNITS[1 + n % DISTRICTS]}.{n // DISTRICTS + 1:02d}" for n in range(300 - len(UNITS))]
FIELDS = [f"G{n:02d}" for n in range(1, 31)]
_UNIT_WEIGHTS = list(accumulate(1 / (rank + 8) for rank in range(len(UNITS))))
_FIELD_WEIGHTS = list(accumulate(1 / (rank + 2) for rank in range(len(FIELDS))))
_OFFSET = "+07:00"


def dossiers(count: int, first: date, days: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Yield `count` dossiers, received evenly over `days` days from `first`, as the API takes them.

    Half are done within a day, as certified copies are; 93 % end in time, 5 % late, 1 % are withdrawn. At the
    end about a hundredth is unfinished (published: Tứ Kỳ 0.7 %, Lâm Đồng 1.1 %), a fifth of it paused.
    """
    chance = random.Random(seed)
    units = chance.choices(UNITS, cum_weights=_UNIT_WEIGHTS, k=count)
    fields = chance.choices(FIELDS, cum_weights=_FIELD_WEIGHTS, k=count)
    end_of_all = first + timedelta(days=days)
    for number in range(count):
        day = first + timedelta(days=number * days // count)
        yield _dossier(chance, number, day, end_of_all, units[number], fields[number])


def _dossier(chance: random.Random, number: int, day: date, end_of_all: date, unit: str, field: str) -> dict[str, Any]:
    due = day + timedelta(days=chance.choice((0, 0, 0, 1, 1, 1, 2, 3, 5, 7, 10, 20)))
    fate = chance.random()
    took = chance.randrange((due - day).days + 1) if fate < 0.94 else (due - day).days + chance.randint(1, 10)
    end = day + timedelta(days=took)
    is_open = end >= end_of_all or fate > 0.9985
    record: dict[str, Any] = {
        "code": f"{unit}-{day:%y%m%d}-{number:07d}",
        "unit_code": unit,
        "procedure_code": f"1.{number % 400:06d}",
        "field_code": field,
        "channel": chance.choice(("online", "online", "direct", "direct", "postal")),
        "status": 4 if is_open else 7 if fate > 0.99 else 10,
        "received_at": _moment(chance, day, 8),
        "due_at": due.isoformat(),
        "changed_at": _moment(chance, day if is_open else end, 17),
    }
    if is_open and chance.random() < 0.2:
        record["status"], record["pauses"] = 5, [{"from": _moment(chance, day, 13)}]
    elif not is_open:
        record["finished_at"] = _moment(chance, end, 14)
    return record


def _moment(chance: random.Random, day: date, hour: int) -> str:
    return f"{day}T{hour:02d}:{chance.randrange(60):02d}:{chance.randrange(60):02d}{_OFFSET}"


def ndjson(records: Iterator[dict[str, Any]], size: int) -> Iterator[bytes]:
    """Yield NDJSON bodies of `size` records each."""
    body: list[bytes] = []
    for record in records:
        body.append(orjson.dumps(record))
        if len(body) == size:
            yield b"\n".join(body)
            body = []
    if body:
        yield b"\n".join(body)


FIRST = date(2025, 1, 1)
DAYS = 365


def last_day() -> date:
    """Return the last day of the made-up year."""
    return FIRST + timedelta(days=DAYS - 1)
