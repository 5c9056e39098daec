"""Cells as clerks fill them in: local dates, Excel dates, national times, statuses and channels in words."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache

from service.domain.calendar.local_time import VIETNAM
from service.domain.dossier.statuses import CHANNELS_VI, NAMES_VI
from service.domain.vietnamese_text import search_key
from service.formats.national import to_rfc3339

Cell = str | int | float | bool | date | datetime | timedelta | None

NOT_A_TIME = (
    "Phải là ngày có thật: dd/MM/yyyy, dd/MM/yyyy HH:mm, ô ngày của Excel, hoặc yyyyMMddHHmmss"
    " (must be a real date: dd/MM/yyyy with or without a time, an Excel date, or a national time)"
)

_LOCAL = re.compile(r"(\d\d?)[/.-](\d\d?)[/.-](\d{4})(?:[\sT,]+(\d\d?)[:hg](\d\d)(?::(\d\d))?)?", re.ASCII)
_ISO_LOCAL = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?", re.ASCII)

_MORE_STATUSES: Mapping[int, tuple[str, ...]] = {
    1: ("mới nộp", "chờ tiếp nhận", "mới đăng ký trực tuyến"),
    2: ("đã tiếp nhận", "tiếp nhận", "mới tiếp nhận"),
    3: ("từ chối", "từ chối tiếp nhận", "không tiếp nhận"),
    4: ("đang giải quyết", "chờ xử lý", "đang thụ lý"),
    5: ("yêu cầu bổ sung", "chờ bổ sung", "bổ sung hồ sơ", "yêu cầu bổ sung hồ sơ", "tạm dừng"),
    6: ("yêu cầu thanh toán", "chờ thanh toán", "chờ nộp phí", "chờ nộp lệ phí", "thực hiện nghĩa vụ tài chính"),
    7: ("rút hồ sơ", "đã rút", "xin rút", "công dân rút hồ sơ"),
    8: ("đã dừng", "đã dừng xử lý", "dừng giải quyết"),
    9: ("đã giải quyết", "xử lý xong", "đã có kết quả", "hoàn thành", "đã hoàn thành", "đã xử lý"),
    10: ("đã trả", "trả kết quả", "đã trả kết quả cho công dân"),
}

_MORE_CHANNELS: Mapping[int, tuple[str, ...]] = {
    1: ("nộp trực tiếp", "tại bộ phận một cửa", "một cửa"),
    2: ("nộp trực tuyến", "qua mạng", "cổng dịch vụ công"),
    3: ("bưu chính", "bưu điện", "qua bưu chính", "qua bưu điện", "bcci", "nộp qua bưu chính công ích"),
}


def _in_words(names: Mapping[int, str], more: Mapping[int, tuple[str, ...]]) -> dict[str, str]:
    return {search_key(word): str(int(code)) for code, name in names.items() for word in (name, *more[code])}


_STATUSES = _in_words(NAMES_VI, _MORE_STATUSES)
_CHANNELS = _in_words(CHANNELS_VI, _MORE_CHANNELS)


def text(cell: Cell) -> str:
    """Return a cell as text: Excel gives every number as a float, so 4.0 is 4."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return cell.strip() if isinstance(cell, str) else str(cell)


def status(cell: Cell) -> str:
    """Return a status as the API takes it: its words in Vietnamese become the national code."""
    given = text(cell)
    return _STATUSES.get(search_key(given), given.lower())


def channel(cell: Cell) -> str:
    """Return a channel as the API takes it."""
    given = text(cell)
    return _CHANNELS.get(search_key(given), given.lower())


def moment(cell: Cell) -> str:
    """Return a time in the API's form, local time where no offset is written; else the text, to be refused."""
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=VIETNAM).isoformat(timespec="seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    return _moment(text(cell)[:60])


@lru_cache(maxsize=16384)
def _moment(given: str) -> str:
    if found := _LOCAL.fullmatch(given):
        day, month, year, hour, minute, second = found.groups()
        iso = f"{year}-{int(month):02}-{int(day):02}"
        return f"{iso}T{int(hour):02}:{minute}:{second or '00'}+07:00" if hour else iso
    if found := _ISO_LOCAL.fullmatch(given):
        iso, hour, minute, second = found.groups()
        return f"{iso}T{hour}:{minute}:{second or '00'}+07:00"
    return to_rfc3339(given)
