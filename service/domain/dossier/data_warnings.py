"""Signs of slow, wrong or polished data: counted and shown, never a reason to refuse.

Gia Lai reported in November 2025 that 61 % of its overdue dossiers were so because the data came
late or wrong; a vendor can mend only what it is told.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from service.domain.dossier.evaluation import Evaluation, Outcome
from service.domain.dossier.snapshot import DONE, AppliedSteps, PausedInterval, ProgressStep, Snapshot
from service.domain.dossier.statuses import CLOSED, NEEDS_RECEIPT, Status

CLOCK_TOLERANCE = timedelta(minutes=5)
FUTURE_TOLERANCE = timedelta(days=1)
"""A `changed_at` further ahead than this is treated as absent."""


class Warning(NamedTuple):  # noqa: A001 - the domain's word
    """A kind of warning: the field to look at, and what to do, in both languages."""

    kind: str
    field: str
    vi: str
    en: str

    def as_dict(self) -> dict[str, str]:
        """Return the warning as senders see it."""
        return {"kind": self.kind, "field": self.field, "message": f"{self.vi} ({self.en})"}


_ALL = (
    Warning("finished_before_received", "finished_at", "Kết thúc trước khi tiếp nhận; kiểm tra hai ngày này",
            "finished before it was received; check both times"),
    Warning("due_before_received", "due_at", "Hẹn trả trước khi tiếp nhận; kiểm tra ngày hẹn trả",
            "due before it was received; check the due date"),
    Warning("closed_without_end", "finished_at", "Đã kết thúc nhưng không có ngày kết thúc; hãy gửi finished_at",
            "closed without an end date; send finished_at"),
    Warning("time_in_future", "received_at", "Có thời điểm ở tương lai; kiểm tra đồng hồ và dữ liệu",
            "a time lies in the future; check the clock and the data"),
    Warning("changed_at_in_future", "changed_at", "changed_at quá một ngày trong tương lai, coi như không có",
            "changed_at is over a day ahead and is treated as absent"),
    Warning("deadline_moved_after_passing", "due_at", "Hạn trả bị dời sau khi đã quá hạn",
            "the deadline was moved after it had passed"),
    Warning("end_moved_back", "finished_at", "Ngày kết thúc bị lùi về trước hạn sau khi đã quá hạn",
            "the end date was moved back before the deadline after it had passed"),
    Warning("withdrawn_after_due", "status", "Rút hồ sơ sau khi đã quá hạn", "withdrawn after it was due"),
    Warning("pause_reversed", "pauses", "Có lần tạm dừng kết thúc trước khi bắt đầu; lần đó không được tính",
            "a pause ends before it begins and covers nothing"),
    Warning("not_received", "received_at", "Đang xử lý hoặc đã xong nhưng chưa có ngày tiếp nhận, chưa được tính",
            "under way or done without a receipt date; not counted yet"),
    Warning("paused_sent_as_done", "status", "Hồ sơ đang tạm dừng được gửi là đã xong",
            "a paused dossier was sent as done"),
    Warning("done_at_receipt", "finished_at", "Bước đã xong đúng lúc tiếp nhận của hồ sơ không có hạn trả",
            "a done step at the moment of receipt of a dossier without a due date"),
    Warning("recoded", "code", "Có thể là hồ sơ cũ được gửi lại dưới mã khác",
            "possibly an earlier dossier sent again under another code"),
)  # fmt: skip

WARNINGS: dict[str, Warning] = {warning.kind: warning for warning in _ALL}

STICKY = frozenset(
    {"deadline_moved_after_passing", "end_moved_back", "paused_sent_as_done", "done_at_receipt", "recoded"}
)
"""Kinds that say what was done, and stay with a dossier whatever is sent later."""


def of_state(state: Snapshot, standing: Evaluation, known_at: datetime) -> list[str]:
    """Return the kinds of warnings that a dossier's state alone gives."""
    received, finished = state.received_at, state.finished_at or state.returned_at
    kinds = []
    if received and finished and finished < received:
        kinds.append("finished_before_received")
    if received and standing.due_at and standing.due_at < received:
        kinds.append("due_before_received")
    if state.status in CLOSED and finished is None:
        kinds.append("closed_without_end")
    if state.status == Status.WITHDRAWN and _passed(standing.due_at, standing.ended_at):
        kinds.append("withdrawn_after_due")
    if state.status in NEEDS_RECEIPT and received is None:
        kinds.append("not_received")
    if any(pause.end is not None and pause.end < pause.start for pause in state.pauses):
        kinds.append("pause_reversed")
    if state.status in DONE and any(_lasts(pause.end, finished) for pause in state.pauses):
        kinds.append("paused_sent_as_done")
    newest = state.newest_business_moment()
    if newest and newest > known_at + CLOCK_TOLERANCE:
        kinds.append("time_in_future")
    return kinds


def _lasts(pause_end: datetime | None, finished: datetime | None) -> bool:
    """Say whether a pause outlasts the end of its dossier."""
    return pause_end is None or (finished is not None and pause_end > finished)


def of_steps(snapshot: Snapshot, carried: AppliedSteps, steps: Iterable[ProgressStep]) -> list[str]:
    """Return the distortions that progress steps show.

    paused_sent_as_done: done while a supplement is asked for, and none came. done_at_receipt: done at
    the very moment of receipt, for a dossier that was sent without a due date.
    """
    kinds = ["paused_sent_as_done"] if carried.done_while_paused else []
    received = carried.state.received_at
    if snapshot.due_at is None and any(step.status in DONE and step.moment == received for step in steps):
        kinds.append("done_at_receipt")
    return kinds


def _passed(due_at: datetime | None, moment: datetime | None) -> bool:
    return due_at is not None and moment is not None and moment > due_at


class View(NamedTuple):
    """What one version of a dossier said about its deadline, pauses and end, and when it was made."""

    changed_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    outcome: str | None
    paused: Sequence[PausedInterval] = ()


_OUTCOMES = (Outcome.EARLY, Outcome.ON_TIME, Outcome.LATE, Outcome.NO_DEADLINE)


def of_change(earlier: View, later: View) -> list[str]:
    """Return the signs of polishing between two versions of one dossier."""
    kinds = []
    if earlier.outcome in _OUTCOMES and later.outcome is None and earlier.ended_at:
        # It was said to be done in the middle of what now turns out to be a pause.
        end = earlier.ended_at
        if any(span.start <= end and _lasts(span.end, end) for span in later.paused):
            kinds.append("paused_sent_as_done")
    if earlier.due_at and later.due_at and later.due_at > earlier.due_at:
        ended_in_time = earlier.ended_at is not None and earlier.ended_at <= earlier.due_at
        if later.changed_at > earlier.due_at and not ended_in_time:
            kinds.append("deadline_moved_after_passing")
    now_in_time = earlier.outcome == Outcome.LATE and later.outcome in (Outcome.EARLY, Outcome.ON_TIME)
    if now_in_time and earlier.ended_at and later.ended_at and later.ended_at < earlier.ended_at:
        kinds.append("end_moved_back")
    return kinds
