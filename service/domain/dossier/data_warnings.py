"""Signs of slow, wrong or polished data: counted and shown, never a reason to refuse.

Gia Lai reported in November 2025 that 61 % of its overdue dossiers were so because the data came
late or wrong; a vendor can mend only what it is told. Each kind says the cause and what to do.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from service.domain.calendar.local_time import is_before
from service.domain.dossier.evaluation import Evaluation
from service.domain.dossier.progress import DONE, AppliedSteps
from service.domain.dossier.snapshot import ProgressStep, Snapshot
from service.domain.dossier.statuses import CLOSED, ENDED, NEEDS_RECEIPT, PAUSED, UNDER_WAY

CLOCK_TOLERANCE = timedelta(minutes=5)
FUTURE_TOLERANCE = timedelta(days=1)
"""A `changed_at` further ahead than this is treated as absent."""


class DataWarning(NamedTuple):
    """A kind of warning: the field to look at, and the cause and remedy, in both languages."""

    kind: str
    field: str
    vi: str
    en: str

    def as_dict(self) -> dict[str, str]:
        """Return the warning as senders see it."""
        return {"kind": self.kind, "field": self.field, "message": f"{self.vi} ({self.en})"}


_ALL = (
    DataWarning("finished_before_received", "finished_at",
                "Kết thúc trước khi tiếp nhận; kiểm tra received_at và finished_at rồi gửi lại",
                "finished before it was received; check received_at and finished_at and send it again"),
    DataWarning("due_before_received", "due_at", "Hẹn trả trước khi tiếp nhận; kiểm tra ngày hẹn trả rồi gửi lại",
                "due before it was received; check the due date and send it again"),
    DataWarning("closed_without_end", "finished_at",
                "Đã kết thúc nhưng không có ngày kết thúc, nên phải suy ra; hãy gửi finished_at",
                "closed without an end date, which had to be inferred; send finished_at"),
    DataWarning("end_date_while_open", "finished_at",
                "Có ngày kết thúc hoặc ngày trả nhưng trạng thái chưa kết thúc, ngày đó không được dùng;"
                " hãy gửi trạng thái 9 hoặc 10, hoặc bỏ ngày đó",
                "an end date under a status that is not closed is not used; send status 9 or 10, or leave it out"),
    DataWarning("time_in_future", "received_at",
                "Có thời điểm ở tương lai; kiểm tra đồng hồ của hệ thống gửi và dữ liệu rồi gửi lại",
                "a time lies in the future; check the sender's clock and the data and send it again"),
    DataWarning("changed_at_in_future", "changed_at",
                "changed_at quá một ngày trong tương lai, coi như không có; kiểm tra đồng hồ của hệ thống gửi",
                "changed_at is over a day ahead and is treated as absent; check the sender's clock"),
    DataWarning("deadline_moved_after_passing", "due_at",
                "Hạn trả bị dời sau khi đã quá hạn; nếu nhập nhầm, hãy gửi lại hạn đã hẹn với người dân",
                "the deadline was moved after it had passed; if by mistake, send the deadline promised to the citizen"),
    DataWarning("end_moved_back", "finished_at",
                "Ngày kết thúc bị lùi về trước hạn sau khi đã quá hạn; hãy kiểm tra và gửi ngày kết thúc thật",
                "the end date was moved back before the deadline after it had passed; check it and send the true one"),
    DataWarning("withdrawn_after_due", "status",
                "Rút hồ sơ sau khi đã quá hạn; hãy kiểm tra đơn rút và thời điểm rút",
                "withdrawn after it was due; check the request to withdraw and its moment"),
    DataWarning("reopened", "status",
                "Hồ sơ đã có kết quả được mở lại; nếu nhập nhầm, hãy gửi lại trạng thái đã xong",
                "a resolved dossier was opened again; if by mistake, send the resolved status again"),
    DataWarning("deleted_after_due", "status",
                "Hồ sơ bị xóa sau khi đã quá hạn; nếu xóa nhầm, hãy gửi lại hồ sơ",
                "deleted after it was due; if by mistake, send the dossier again"),
    DataWarning("pause_reversed", "pauses",
                "Có lần tạm dừng kết thúc trước khi bắt đầu, không được tính; kiểm tra from và to",
                "a pause ends before it begins and does not count; check from and to"),
    DataWarning("pause_empty", "pauses",
                "Có lần tạm dừng không kéo dài chút nào, không được tính; kiểm tra from và to",
                "a pause without length does not count; check from and to"),
    DataWarning("pause_left_open", "pauses",
                "Có lần tạm dừng chưa ghi ngày kết thúc dù hồ sơ đã xử lý tiếp hoặc kết thúc; hãy gửi `to`",
                "a pause was left open although the dossier went on or ended; send its `to`"),
    DataWarning("not_received", "received_at",
                "Đang xử lý hoặc đã xong nhưng chưa có ngày tiếp nhận, chưa được tính; hãy gửi received_at",
                "under way or done without a receipt date, so not counted yet; send received_at"),
    DataWarning("paused_sent_as_done", "status",
                "Hồ sơ đang tạm dừng được gửi là đã xong; hãy gửi trạng thái 5 hoặc 6 khi chờ người dân",
                "a paused dossier was sent as done; send status 5 or 6 while it waits for the citizen"),
    DataWarning("done_at_receipt", "finished_at",
                "Bước đã xong đúng lúc tiếp nhận của hồ sơ không có hạn trả; hãy gửi hạn trả và thời điểm xong thật",
                "a done step at the moment of receipt of a dossier without a due date; send both as they are"),
    DataWarning("unit_dissolved", "unit_code",
                "Tiếp nhận tại đơn vị đã giải thể; hãy gửi mã đơn vị kế thừa, hoặc kiểm tra ngày tiếp nhận",
                "received under a unit that was dissolved by then; send its successor's code, or check received_at"),
    DataWarning("recoded", "code",
                "Có thể là hồ sơ cũ được gửi lại dưới mã khác; hãy kiểm tra và xóa một trong hai",
                "possibly an earlier dossier sent again under another code; check and delete one of the two"),
)  # fmt: skip

WARNINGS: dict[str, DataWarning] = {warning.kind: warning for warning in _ALL}

PAUSED_SENT_AS_DONE = "paused_sent_as_done"

FROM_JOBS = frozenset({"recoded"})
"""Kinds that a nightly job sets; no event takes them away."""

FROM_READING = frozenset({"changed_at_in_future"})
"""Kinds that reading the record gives; they stay while that record is the current one."""


def state_warnings(snapshot: Snapshot, applied: AppliedSteps, evaluation: Evaluation, known_at: datetime) -> list[str]:
    """Return the kinds that a dossier's state alone gives: its snapshot, carried further by its steps."""
    state = applied.state
    received, finished = state.received_at, state.finished_at or state.returned_at
    kinds = []
    if received and finished and is_before(finished, received):
        kinds.append("finished_before_received")
    if received and evaluation.due_at and evaluation.due_at < received:
        kinds.append("due_before_received")
    if state.status in CLOSED and not applied.ended_by_step and not (finished and evaluation.end_is_known):
        kinds.append("closed_without_end")
    if state.status in UNDER_WAY and finished:
        kinds.append("end_date_while_open")
    if state.status in NEEDS_RECEIPT and received is None:
        kinds.append("not_received")
    if _lies_ahead(snapshot, known_at + CLOCK_TOLERANCE):
        kinds.append("time_in_future")
    return kinds + pause_warnings(snapshot, applied) if snapshot.pauses else kinds


def pause_warnings(snapshot: Snapshot, applied: AppliedSteps) -> list[str]:
    """Return what is wrong with the pauses that were given: reversed, without length, left open."""
    kinds = []
    short = [(start, end) for start, end in snapshot.pauses if end is not None and end <= start]
    if any(is_before(end, start) for start, end in short):
        kinds.append("pause_reversed")
    if any(not is_before(end, start) for start, end in short):
        kinds.append("pause_empty")
    left_open = {pause.start for pause in snapshot.pauses if pause.end is None}
    if snapshot.status not in PAUSED:
        kinds += ["pause_left_open"] if left_open else []
    elif applied.state.status in ENDED and left_open & {request.start for request in applied.lasting}:
        kinds.append("pause_left_open")
    return kinds


def _lies_ahead(snapshot: Snapshot, now: datetime) -> bool:
    """Say whether a moment lies ahead; the planned end of a pause may."""
    for moment in (snapshot.received_at, snapshot.finished_at, snapshot.returned_at):
        if moment is not None and moment > now:
            return True
    if not snapshot.pauses:
        return False
    planned = snapshot.status in PAUSED
    return any(start > now or (end is not None and not planned and end > now) for start, end in snapshot.pauses)


def step_warnings(snapshot: Snapshot, applied: AppliedSteps, steps: Iterable[ProgressStep]) -> list[str]:
    """Return the distortions that progress steps show.

    paused_sent_as_done: done while a supplement is asked for, and none came. done_at_receipt: done at
    the very moment of receipt, for a dossier that was sent without a due date. reopened: a step took an
    outcome back.
    """
    kinds = ["paused_sent_as_done"] if applied.done_while_paused else []
    kinds += ["reopened"] if applied.reopened else []
    received = applied.state.received_at
    if snapshot.due_at is None and any(step.status in DONE and step.moment == received for step in steps):
        kinds.append("done_at_receipt")
    return kinds


def done_in_a_pause(snapshot: Snapshot, applied: AppliedSteps) -> bool:
    """Say whether a snapshot is done while a pause that it gives goes on."""
    if not snapshot.pauses or applied.state.status not in DONE:
        return False
    finished = applied.state.finished_at or applied.state.returned_at
    return any(lasts or (finished and end and end > finished) for _, end, lasts, _ in applied.requests)
