"""Words of one-stop software for statuses and channels; operators add their own (TTHC_REGISTER_WORDS)."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from service.domain.dossier.statuses import BY_API_NAME, CHANNELS_VI, NAMES_VI
from service.domain.vietnamese_text import search_key

_MORE_STATUSES: Mapping[int, tuple[str, ...]] = {
    1: ("mới nộp", "chờ tiếp nhận", "mới đăng ký trực tuyến", "chưa tiếp nhận", "chờ duyệt tiếp nhận", "đã nộp"),
    2: ("đã tiếp nhận", "tiếp nhận", "mới tiếp nhận", "hồ sơ mới tiếp nhận", "tiếp nhận hồ sơ"),
    3: ("từ chối", "từ chối tiếp nhận", "không tiếp nhận", "từ chối hồ sơ", "bị từ chối"),
    4: ("đang giải quyết", "chờ xử lý", "đang thụ lý", "đang thẩm định", "đang trình ký", "chờ phê duyệt", "chờ ký",
        "chuyển xử lý", "đang xử lý hồ sơ", "chưa giải quyết", "đang chờ xử lý"),
    5: ("yêu cầu bổ sung", "chờ bổ sung", "bổ sung hồ sơ", "yêu cầu bổ sung hồ sơ", "tạm dừng", "đang chờ bổ sung",
        "chờ bổ sung hồ sơ", "đang bổ sung", "chờ công dân bổ sung", "tạm dừng xử lý", "yêu cầu bổ sung giấy tờ hồ sơ"),
    6: ("yêu cầu thanh toán", "chờ thanh toán", "chờ nộp phí", "chờ nộp lệ phí", "thực hiện nghĩa vụ tài chính",
        "chờ thực hiện nghĩa vụ tài chính", "đang thực hiện nghĩa vụ tài chính", "chờ nộp thuế"),
    7: ("rút hồ sơ", "đã rút", "xin rút", "công dân rút hồ sơ", "công dân rút", "đã rút hồ sơ", "xin rút hồ sơ",
        "công dân xin rút"),
    8: ("đã dừng", "đã dừng xử lý", "dừng giải quyết", "đã dừng giải quyết", "đã hủy", "hủy hồ sơ", "trả lại hồ sơ"),
    9: ("đã giải quyết", "xử lý xong", "đã có kết quả", "hoàn thành", "đã hoàn thành", "đã xử lý", "chờ trả kết quả",
        "đã giải quyết xong", "giải quyết xong", "có kết quả", "chờ công dân nhận kết quả", "đã kết thúc", "kết thúc",
        "chưa trả kết quả"),
    10: ("đã trả", "trả kết quả", "đã trả kết quả cho công dân", "đã nhận kết quả", "đã trả cho công dân"),
}  # fmt: skip

_MORE_CHANNELS: Mapping[int, tuple[str, ...]] = {
    1: ("nộp trực tiếp", "tại bộ phận một cửa", "một cửa", "tại quầy", "trực tiếp tại bộ phận một cửa",
        "trực tiếp tại quầy", "direct", "tiếp nhận trực tiếp", "nộp tại một cửa"),
    2: ("nộp trực tuyến", "qua mạng", "cổng dịch vụ công", "trực tuyến toàn trình", "trực tuyến một phần", "toàn trình",
        "một phần", "dịch vụ công trực tuyến", "dvc trực tuyến", "dvctt", "dvctt toàn trình", "dvctt một phần",
        "dịch vụ công trực tuyến toàn trình", "dịch vụ công trực tuyến một phần", "cổng dịch vụ công quốc gia",
        "online", "mức độ 3", "mức độ 4", "tiếp nhận trực tuyến"),
    3: ("bưu chính", "bưu điện", "qua bưu chính", "qua bưu điện", "bcci", "nộp qua bưu chính công ích",
        "qua dịch vụ bưu chính", "qua bưu chính công ích", "dịch vụ bưu chính công ích", "vnpost", "postal"),
}  # fmt: skip

_HOW_IN_TIME = re.compile(
    r"\s*[-,(]?\s*(dung han|truoc han|som han|tre han|qua han|trong han|chua den han|dung va truoc han|sap den han)\)?$"
)
"""`Đã giải quyết đúng hạn` says a status and an outcome; the outcome is judged here, from the dates."""
_CODE = re.compile(r"\d\d?", re.ASCII)


class BadWords(ValueError):
    """Words of the operator that cannot be taken; the text names the line."""


@dataclass(frozen=True, slots=True)
class StatusWords:
    """The national codes that words stand for, without case and marks."""

    statuses: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)

    def status(self, given: str) -> str:
        """Return a status as the API takes it; a word that is not known as it is, to be refused."""
        words = search_key(given)
        return self.statuses.get(words) or self.statuses.get(_HOW_IN_TIME.sub("", words)) or given.lower()

    def channel(self, given: str) -> str:
        """Return a channel as the API takes it."""
        return self.channels.get(search_key(given)) or given.lower()

    def is_status(self, given: str) -> bool:
        """Say whether a word stands for a status."""
        return bool(given) and self.status(given) in {*BY_API_NAME, *map(str, range(1, 11))}


def status_words(more: str = "") -> StatusWords:
    """Return the words that are known, with the operator's lines: `status;Đang chờ bổ sung;5`.

    BadWords names a line that cannot be taken.
    """
    statuses, channels = _in_words(NAMES_VI, _MORE_STATUSES), _in_words(CHANNELS_VI, _MORE_CHANNELS)
    kinds = {"status": (statuses, NAMES_VI), "trang thai": (statuses, NAMES_VI),
             "channel": (channels, CHANNELS_VI), "kenh": (channels, CHANNELS_VI)}  # fmt: skip
    for number, line in enumerate(more.lstrip("\ufeff").splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        cells = [cell.strip() for cell in next(csv.reader([line], delimiter=";" if ";" in line else ","))]
        known = kinds.get(search_key(cells[0]))
        if (
            len(cells) != 3
            or known is None
            or not cells[1]
            or not _CODE.fullmatch(cells[2])
            or int(cells[2]) not in known[1]
        ):
            raise BadWords(
                f"line {number}: write status;WORD;CODE (1 to 10) or channel;WORD;CODE (1 to 3)"
                f" / dòng {number}: viết status;TỪ;MÃ hoặc channel;TỪ;MÃ"
            )
        known[0][search_key(cells[1])] = cells[2]
    return StatusWords(statuses, channels)


def _in_words(names: Mapping[int, str], more: Mapping[int, tuple[str, ...]]) -> dict[str, str]:
    return {search_key(word): str(int(code)) for code, name in names.items() for word in (name, *more[code])}


def _accepted(names: Mapping[int, str], what: str) -> str:
    words = ", ".join(f"{name} ({int(code)})" for code, name in names.items())
    return (
        f"Không có trong danh mục; dùng một trong: {words}. Từ riêng của phần mềm thì nhờ quản trị thêm vào"
        f" TTHC_REGISTER_WORDS (unknown {what}: use one of these words or codes; operators can add words)"
    )


UNKNOWN_STATUS = _accepted(NAMES_VI, "status")
UNKNOWN_CHANNEL = _accepted(CHANNELS_VI, "channel")
