"""National times: yyyyMMddHHmmss in Asia/Ho_Chi_Minh, or yyyyMMdd for that day."""

from datetime import datetime

from service.domain.localtime import to_local

NOT_NATIONAL = (
    "Phải là thời điểm có thật dạng yyyyMMddHHmmss hoặc ngày yyyyMMdd, giờ Việt Nam, ví dụ 20231004133734"
    " (must be a real time yyyyMMddHHmmss or a date yyyyMMdd, local time)"
)


def to_rfc3339(text: str) -> str:
    """Return a national time in the API's form; any other text as it is, for the schema to refuse."""
    if not (text.isascii() and text.isdigit()):
        return text
    day = f"{text[:4]}-{text[4:6]}-{text[6:8]}"
    if len(text) == 14:
        return f"{day}T{text[8:10]}:{text[10:12]}:{text[12:]}+07:00"
    return day if len(text) == 8 else text


def from_moment(moment: datetime | None) -> str:
    """Return a moment as a national time, "" for none."""
    return to_local(moment).strftime("%Y%m%d%H%M%S") if moment else ""
