"""Where a dossier stands by a snapshot and its progress steps, without a database."""

from collections.abc import Sequence
from datetime import datetime

from service.domain.calendar.work_calendar import WorkCalendar
from service.domain.dossier.evaluation import Evaluation, evaluate
from service.domain.dossier.progress import AppliedSteps, apply_steps
from service.domain.dossier.snapshot import ProgressStep, Snapshot
from service.domain.dossier.statuses import UNDER_WAY
from service.domain.dossier.versions import Version, in_order, next_run, run_of

WORK = WorkCalendar()


def applied(snapshot: Snapshot, steps: Sequence[ProgressStep], known_at: datetime) -> AppliedSteps:
    """Carry the only snapshot of a dossier further."""
    newest = snapshot.newest_business_moment()
    open_until = newest if snapshot.status in UNDER_WAY else None
    return apply_steps(snapshot, run_of(Version(snapshot, known_at)), steps, open_until)


def stand(snapshot: Snapshot, steps: Sequence[ProgressStep], known_at: datetime) -> Evaluation:
    """Evaluate a dossier of which there is one snapshot."""
    return evaluate(applied(snapshot, steps, known_at), run_of(Version(snapshot, known_at)), WORK)


def stand_by_all(filed: Sequence[Version]) -> Evaluation:
    """Evaluate a dossier by all its snapshots, in the order of filing."""
    ordered = in_order(filed)
    run = None
    for place in range(len(ordered)):
        run = next_run(ordered, place, run)
    assert run is not None
    return evaluate(apply_steps(ordered[-1].snapshot, run), run, WORK)
