"""The headings of registers by field: the exact ones, other words for the same, and looser ones.

Of two columns for one field, the one with the more exact heading counts.
"""

from collections.abc import Mapping
from typing import NamedTuple

from service.formats.national import MOMENTS, NEW_DUE, PAUSE, TEXTS


class Words(NamedTuple):
    """The headings of one field: title is shown to people."""

    title: str
    other: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()


WORDS: Mapping[str, Words] = {
    "code": Words(
        "Mã hồ sơ",
        ("Mã số hồ sơ", "Số hồ sơ", "Số biên nhận", "Mã biên nhận", "Số biên nhận hồ sơ", "Mã HS", "Số HS"),
    ),
    "unit_code": Words(
        "Mã đơn vị",
        ("Mã cơ quan", "Mã định danh đơn vị", "Mã đơn vị xử lý", "Mã định danh cơ quan", "Mã định danh"),
    ),
    "unit_name": Words(
        "Đơn vị xử lý",
        ("Tên đơn vị", "Cơ quan xử lý", "Cơ quan thực hiện", "Đơn vị thực hiện", "Đơn vị giải quyết",
         "Cơ quan giải quyết", "Tên cơ quan"),
        ("Đơn vị", "Cơ quan"),
    ),
    "procedure_code": Words("Mã TTHC", ("Mã thủ tục", "Mã thủ tục hành chính", "Mã số TTHC", "Mã số thủ tục", "Mã TT")),
    "procedure_name": Words(
        "Thủ tục",
        ("Tên TTHC", "Tên thủ tục", "Thủ tục hành chính", "Tên thủ tục hành chính"),
        ("TTHC", "Loại thủ tục"),
    ),
    "field_code": Words("Mã lĩnh vực"),
    "field_name": Words("Lĩnh vực", ("Tên lĩnh vực",)),
    "channel": Words(
        "Hình thức nộp",
        ("Kênh", "Kênh thực hiện", "Hình thức tiếp nhận", "Kênh tiếp nhận", "Hình thức nộp hồ sơ", "Kênh nộp",
         "Phương thức nộp", "Phương thức tiếp nhận", "Cách thức nộp"),
    ),
    "status": Words(
        "Trạng thái",
        ("Trạng thái hồ sơ", "Tình trạng", "Tình trạng hồ sơ", "Trạng thái xử lý", "Tình trạng xử lý",
         "Trạng thái giải quyết", "Tình trạng giải quyết"),
    ),
    "submitted_at": Words("Ngày nộp", ("Ngày nộp hồ sơ", "Thời điểm nộp", "Thời gian nộp", "Ngày gửi hồ sơ")),
    "received_at": Words(
        "Ngày tiếp nhận",
        ("Ngày tiếp nhận hồ sơ", "Thời điểm tiếp nhận", "Thời gian tiếp nhận", "Ngày giờ tiếp nhận", "Ngày nhận hồ sơ",
         "Thời gian nhận hồ sơ", "Ngày nhận HS", "Ngày tiếp nhận HS"),
        ("Ngày nhận", "Thời gian nhận"),
    ),
    "due_at": Words(
        "Ngày hẹn trả",
        ("Ngày hẹn trả kết quả", "Ngày hẹn trả KQ", "Hẹn trả", "Hẹn trả kết quả", "Hẹn trả KQ", "Hạn trả",
         "Hạn trả kết quả", "Hạn trả KQ", "Thời gian hẹn trả", "Thời gian hẹn trả kết quả", "Thời điểm hẹn trả",
         "Thời điểm hẹn trả kết quả", "Ngày hẹn trả theo phiếu hẹn", "Ngày hẹn"),
        ("Hạn xử lý", "Hạn giải quyết", "Ngày hạn", "Hạn xử lý hồ sơ", "Hạn giải quyết hồ sơ", "Ngày hết hạn",
         "Hạn hoàn thành", "Ngày đến hạn"),
    ),
    "finished_at": Words(
        "Ngày kết thúc xử lý",
        ("Ngày kết thúc", "Kết thúc xử lý", "Ngày xử lý xong", "Ngày hoàn thành", "Ngày hoàn thành xử lý",
         "Ngày hoàn thành hồ sơ", "Thời điểm kết thúc xử lý", "Thời gian kết thúc xử lý", "Ngày giải quyết xong",
         "Thời điểm hoàn thành", "Thời gian hoàn thành", "Ngày kết thúc hồ sơ", "Ngày hoàn tất"),
        ("Ngày có kết quả",),
    ),
    "returned_at": Words(
        "Ngày trả",
        ("Ngày trả kết quả", "Ngày trả KQ", "Ngày trả thực tế", "Thời điểm trả kết quả", "Thời gian trả kết quả",
         "Ngày trả kết quả thực tế"),
    ),
    "changed_at": Words("Ngày cập nhật", ("Thời điểm cập nhật", "Cập nhật lúc", "Ngày thay đổi", "Thời gian cập nhật")),
    "pause_from": Words(
        "Ngày yêu cầu bổ sung", ("Ngày bổ sung", "Ngày tạm dừng", "Tạm dừng từ", "Ngày yêu cầu bổ sung hồ sơ")
    ),
    "pause_to": Words("Ngày tiếp nhận bổ sung", ("Ngày nhận bổ sung", "Tạm dừng đến", "Ngày tiếp tục")),
    "new_due_at": Words("Ngày hẹn trả mới", ("Hạn trả mới", "Ngày hẹn trả lại", "Ngày gia hạn đến")),
    "due_precision": Words("due_precision"),
    "pauses": Words("pauses"),
}  # fmt: skip

NATIONAL_NAMES = {
    **TEXTS,
    **MOMENTS,
    "unit_code": "MaDinhDanhDV",
    "pause_from": PAUSE["from"],
    "pause_to": PAUSE["to"],
    "new_due_at": NEW_DUE,
}

FIELDS = tuple(WORDS)
REQUIRED = ("code", "procedure_code", "received_at")
CODES = ("code", "unit_code", "procedure_code", "field_code")
MOMENT_FIELDS = (
    "submitted_at", "received_at", "due_at", "finished_at", "returned_at", "changed_at", "pause_from", "pause_to",
    "new_due_at",
)  # fmt: skip
ONE_COLUMN = frozenset({"code", "unit_code", "procedure_code", "status", *MOMENT_FIELDS})
"""Fields of which two equally good columns refuse the file: to guess would be to take something wrong."""
