"""What each count is called, in Vietnamese and English: formulas, pages and documentation take their words here."""

from collections.abc import Mapping
from typing import NamedTuple


class Name(NamedTuple):
    """A name in both languages."""

    vi: str
    en: str


COUNT_NAMES: Mapping[str, Name] = {
    "carried_over": Name("tồn kỳ trước", "carried over"),
    "received": Name("tiếp nhận trong kỳ", "received"),
    "workload": Name("số hồ sơ xử lý", "workload"),
    "early": Name("trước hạn", "early"),
    "on_time": Name("đúng hạn", "on time"),
    "early_or_on_time": Name("trước và đúng hạn", "early and on time"),
    "late": Name("trễ hạn", "late"),
    "no_deadline": Name("không có hạn trả", "without a deadline"),
    "resolved": Name("đã giải quyết", "resolved"),
    "withdrawn": Name("công dân rút", "withdrawn"),
    "withdrawn_late": Name("công dân rút sau hạn", "withdrawn after the due moment"),
    "stopped": Name("dừng xử lý", "stopped"),
    "stopped_late": Name("dừng xử lý sau hạn", "stopped after the due moment"),
    "open_in_time": Name("đang xử lý trong hạn", "open in time"),
    "late_paused": Name("trễ sau khi yêu cầu bổ sung", "late after a request for more papers"),
    "late_moved": Name("trễ theo hạn ban đầu", "late by the first deadline"),
    "told_late": Name("báo kết quả muộn", "in time, told late"),
    "overdue_confirmed": Name("quá hạn, đã xác nhận", "overdue, confirmed"),
    "overdue_unconfirmed": Name("quá hạn, chưa rõ", "overdue, unconfirmed"),
    "open_overdue": Name("đang xử lý quá hạn", "open overdue"),
    "paused": Name("tạm dừng", "paused"),
    "paused_in_time": Name("tạm dừng trong hạn", "paused in time"),
    "paused_overdue": Name("tạm dừng quá hạn", "paused overdue"),
    "in_progress": Name("đang giải quyết", "in progress"),
    "cohort_on_time": Name("đến hạn trong kỳ, xong đúng hạn", "due in the period, done in time"),
    "cohort_late": Name("đến hạn trong kỳ, xong trễ hoặc chưa xong", "due in the period, done late or still open"),
    "cohort_excluded": Name("đến hạn trong kỳ, không xét", "due in the period, left out"),
}
