"""The parameters of questions, over HTTP and on the command line."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from service.domain.calendar.local_time import day_end, local_day
from service.domain.calendar.periods import Period, PeriodCalendar, PeriodError, free_period, parse_period
from service.domain.dossier.statuses import CHANNEL_BY_NAME, Channel
from service.domain.errors import BadQuestion, in_one_line
from service.domain.procedures import national_procedure_code
from service.domain.statistics.comparisons import COMPARISONS
from service.domain.statistics.durations import BASES
from service.domain.statistics.formulas import DEFAULT, FORMULAS, Formula, find
from service.domain.statistics.questions import GROUPS, MOST_DAYS, OVER_TIME, Filters, Question
from service.domain.units import LEVELS, as_asked
from service.schemas.fields import parse_moment

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_LOST_PLUS = re.compile(r" (?=\d\d:\d\d$)", re.ASCII)
ALL_FORMULAS = "all"
_CHANNELS = {name: channel.value for name, channel in CHANNEL_BY_NAME.items()}
_CHANNELS |= {str(channel.value): channel.value for channel in Channel}
PERIOD_NAMES = "2023-10-04, 2023-10, 2023-Q3, 2023-H1, 2023, 2023-M09 (first nine months), 2023-W40, ytd"


class QueryError(BadQuestion):
    """A question that cannot be asked: the parameter, and what to write instead."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__(in_one_line(errors), errors)


_NO_NUL = validate.ContainsNoneOf("\0", error="Có ký tự không dùng được (a character that no code or name has)")


def _one_of(*values: str) -> validate.OneOf:
    return validate.OneOf(values, error="Dùng một trong (use one of): {choices}")


def choice(name: str, chosen: str | None, choices: Sequence[str]) -> str:
    """Return the chosen one of a few, the first if nothing was chosen; QueryError for anything else."""
    if chosen and chosen not in choices:
        raise QueryError({name: [f"Dùng một trong (use one of): {', '.join(choices)}"]})
    return chosen or choices[0]


class QuestionSchema(Schema):
    """The parameters of stats, widget and everything rendered from them; unknown ones are ignored."""

    class Meta:
        unknown = EXCLUDE

    period = fields.Str(metadata={"description": f"{PERIOD_NAMES}; default ytd"})
    from_ = fields.Str(data_key="from", metadata={"description": "first day, inclusive; with `to`"})
    to = fields.Str(metadata={"description": "last day, inclusive; with `from`"})
    as_of = fields.Str(metadata={"description": "RFC 3339 time, or a date for its end; default now"})
    formula = fields.Str(load_default=DEFAULT.id, metadata={"description": "id of a formula, or `all`"})
    decimals = fields.Str(load_default="1", validate=_one_of("0", "1", "2"))
    honest_ends = fields.Str(load_default="on", validate=_one_of("on", "off"))
    group_by = fields.Str(metadata={"description": f"one of {', '.join(GROUPS)}, or two with a comma: unit,channel"})
    depth = fields.Str(
        validate=_one_of("1", "2", "3", "4"), metadata={"description": "with group_by=unit: 2 for grandchildren"}
    )
    channel = fields.Str(validate=_one_of(*_CHANNELS), metadata={"description": "only dossiers of this channel"})
    field = fields.Str(
        validate=_NO_NUL, metadata={"description": "only of this field: its code, or its name where it has none"}
    )
    procedure = fields.Str(validate=_NO_NUL, metadata={"description": "only of this procedure: its national code"})
    level = fields.Str(validate=_one_of(*LEVELS), metadata={"description": "only of units of this level"})
    subtree = fields.Str(load_default="1", validate=_one_of("0", "1"))
    calendar = fields.Str(metadata={"description": "civil, reporting, or L,D"})
    structure = fields.Str(load_default="historic", validate=_one_of("historic", "current"))
    lang = fields.Str(load_default="vi", validate=_one_of("vi", "en"))


class ComparedSchema(QuestionSchema):
    """A question whose answer may also say how sure its rates are, and what they were earlier."""

    interval = fields.Str(validate=_one_of("wilson"), metadata={"description": "the 95 % interval of each rate"})
    compare = fields.Str(validate=_one_of(*COMPARISONS), metadata={"description": "one period or one year before"})


class StatsSchema(ComparedSchema):
    """The parameters of stats: the unit is one of them."""

    unit = fields.Str(required=True, metadata={"description": "agency code, in either style"})
    target = fields.Str(
        validate=_one_of("off", "on"),
        metadata={"description": "on: which units, months or days are under their target"},
    )
    format = fields.Str(load_default="json", validate=_one_of("json", "csv"))


class DurationsSchema(QuestionSchema):
    """The parameters of durations."""

    unit = fields.Str(required=True, metadata={"description": "agency code, in either style"})
    by = fields.Str(validate=_one_of(*BASES), metadata={"description": "in the period by its end (default) or receipt"})
    format = fields.Str(load_default="json", validate=_one_of("json", "csv"))


@dataclass(frozen=True)
class RequestedQuestion:
    """A question, the language of its answer, and whether it is wanted by all formulas."""

    question: Question
    lang: str
    all_formulas: bool


_SCHEMA = ComparedSchema()


def read_question(
    unit: str, args: Mapping[str, str], now: datetime, default_calendar: str = "civil", heard_within: int = 5
) -> RequestedQuestion:
    """Read a question about a unit from parameters; QueryError names the one that is wrong.

    `now` is the moment of asking: no question reaches beyond it.
    """
    data = _loaded(frozenset((name, value) for name, value in args.items() if value != ""))
    as_of = _as_of(data.get("as_of"), now)
    calendar = _calendar(data.get("calendar", default_calendar))
    period = _period(data, local_day(as_of), calendar)
    if period.start > as_of:
        raise QueryError({"period": ["Kỳ bắt đầu sau thời điểm as_of (the period begins after as_of)"]})
    groupings = _groupings(data)
    _check_length(period, groupings)
    procedure = national_procedure_code(data["procedure"]) if "procedure" in data else None
    question = Question(
        unit=as_asked(unit),
        period=period,
        as_of=as_of,
        group_by=groupings,
        formulas=_formulas(data["formula"]),
        decimals=int(data["decimals"]),
        honest_ends=data["honest_ends"] == "on",
        subtree=data["subtree"] == "1",
        calendar=calendar,
        structure=data["structure"],
        filters=Filters(_CHANNELS.get(data.get("channel", "")), data.get("field"), procedure, data.get("level")),
        depth=int(data.get("depth", 1)),
        heard_within=heard_within,
        compare=data.get("compare"),
        interval=data.get("interval"),
    )
    return RequestedQuestion(question, data["lang"], data["formula"] == ALL_FORMULAS)


@lru_cache(maxsize=256)
def _loaded(given: frozenset[tuple[str, str]]) -> Mapping[str, Any]:
    """Return the parameters as the schema loads them; remembered, as portals repeat their questions."""
    try:
        return MappingProxyType(_SCHEMA.load(dict(given)))
    except ValidationError as error:
        raise QueryError(error.messages_dict) from None


def _groupings(data: Mapping[str, Any]) -> tuple[str, ...]:
    names = tuple(name.strip() for name in data.get("group_by", "").split(",") if name.strip())
    errors: dict[str, list[str]] = {}
    if unknown := [name for name in names if name not in GROUPS]:
        errors["group_by"] = [
            f"Không có {unknown[0][:40]!r}; dùng một hoặc hai trong (use one or two of): {', '.join(GROUPS)}"
        ]
    elif len(names) > 2 or len(set(names)) < len(names) or set(names) == set(OVER_TIME):
        errors["group_by"] = ["Nhiều nhất hai nhóm khác nhau, không dùng cả month và day (at most two, month or day)"]
    if "depth" in data and "unit" not in names:
        errors["depth"] = ["Chỉ đi cùng group_by=unit (goes with group_by=unit)"]
    if errors:
        raise QueryError(errors)
    return names


def _check_length(period: Period, groupings: tuple[str, ...]) -> None:
    days = (period.after - period.first).days
    for name in groupings:
        if name in MOST_DAYS and days > MOST_DAYS[name]:
            unit = "ngày" if name == "day" else "tháng"
            message = f"group_by={name}: kỳ dài nhất 400 {unit}; hãy chia nhỏ (at most 400 {name}s; split the period)"
            raise QueryError({"period": [message]})


def _as_of(text: str | None, now: datetime) -> datetime:
    """Read `as_of`: a bare date is the end of that day, and today is now."""
    if text is None:
        return now
    try:
        moment = parse_moment(_LOST_PLUS.sub("+", text))
    except ValidationError as error:
        raise QueryError({"as_of": [str(message) for message in error.messages]}) from None
    if _DAY.fullmatch(text):
        moment = now if local_day(moment) == local_day(now) else day_end(local_day(moment))
    if moment > now:
        raise QueryError({"as_of": ["Thời điểm as_of ở tương lai (as_of lies in the future)"]})
    return moment


def _calendar(text: str) -> PeriodCalendar:
    try:
        return PeriodCalendar.parse(text)
    except PeriodError as error:
        raise QueryError({"calendar": [str(error)]}) from None


def _formulas(text: str) -> tuple[Formula, ...]:
    if text == ALL_FORMULAS:
        return tuple(FORMULAS.values())
    formula = find(text)
    if formula is None:
        known = ", ".join(FORMULAS)
        raise QueryError({"formula": [f"Không có công thức này; dùng all hoặc (unknown formula; use): {known}"]})
    return (formula,)


def _period(data: Mapping[str, Any], today: date, calendar: PeriodCalendar) -> Period:
    first, last = data.get("from_"), data.get("to")
    try:
        if first is None and last is None:
            return parse_period(data.get("period", "ytd"), today, calendar)
        if "period" in data:
            raise PeriodError("dùng period hoặc from và to, không dùng cả hai (period or from/to, not both)")
        if first is None or last is None:
            raise PeriodError("from và to phải đi cùng nhau (from and to go together)")
        return free_period(_day("from", first), _day("to", last))
    except PeriodError as error:
        raise QueryError({"period": [str(error)]}) from None


def _day(name: str, text: str) -> date:
    with suppress(ValueError):
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    raise QueryError({name: ["Phải là ngày có thật dạng 2023-10-04 (must be a real date)"]})
