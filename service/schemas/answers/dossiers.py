"""Answers to a source about its own dossiers: their history, and the quality of what was sent."""

from typing import Any

from marshmallow.fields import Field

from service.domain.dossier.snapshot import MOMENTS
from service.domain.dossier.statuses import BY_API_NAME, CHANNEL_BY_NAME
from service.domain.procedures import LimitUnit
from service.schemas.answers import parts
from service.schemas.answers.parts import AnyOf, NamedUnit, answer
from service.schemas.answers.pushes import RESULTS, WarningSchema
from service.schemas.answers.statistics import Unit

Interval = answer("Interval", "A pause; without an end it is open.")(
    from_=parts.moment(key="from"),
    to=parts.moment(null=True),
    derived=parts.flag("only statuses tell it", optional=True),
)


def _snapshot_fields(*, sent_only: bool) -> dict[str, Field[Any]]:
    """Describe the fields of a snapshot. sent_only: those without a value are left out; else they are null."""
    null = not sent_only
    return {
        **parts.each(parts.text, "code", "unit_code", "procedure_code", optional=sent_only),
        "national_code": parts.text(
            "its code in the national system, if that is another", null=null, optional=sent_only
        ),
        "status": parts.one_of(BY_API_NAME, optional=sent_only),
        **parts.each(parts.text, "field_code", "field_name", null=null, optional=sent_only),
        "channel": parts.one_of(CHANNEL_BY_NAME, optional=sent_only),
        **parts.each(parts.moment, *MOMENTS, null=null, optional=sent_only),
        "due_precision": parts.one_of(("day", "instant"), null=null, optional=sent_only),
        "pauses": parts.listed(Interval, optional=sent_only),
    }


DossierState = answer("DossierState", "A dossier as it is now.")(**_snapshot_fields(sent_only=False))
SentSnapshot = answer("SentSnapshot", "What a snapshot brought.")(**_snapshot_fields(sent_only=True))

SentStep = answer("SentStep", "What a progress step brought.")(status=parts.one_of(BY_API_NAME), at=parts.moment())

SentByCatalogue = answer("SentByCatalogue", "What an import of the catalogue filled in for a dossier that lacked it.")(
    due_at=parts.moment("the due moment that it has since then", null=True),
    field=parts.text("what its field is grouped by since then", null=True),
)

SentDecision = answer("SentDecision", "What a person decided: whether another dossier is counted in its place.")(
    merged=parts.flag()
)

Change = answer("Change", "A field's value before and after a version.")(
    from_=AnyOf(parts.text(null=True), parts.listed(Interval), data_key="from", required=True),
    to=AnyOf(parts.text(null=True), parts.listed(Interval), required=True),
)

Version = answer("Version", "One event: what was sent, what it changed, when that happened and when it became known.")(
    number=parts.integer("from 1, in the order in which they became known"),
    kind=parts.one_of(("snapshot", "step", "backfill", "delete", "merge")),
    result=parts.one_of((*RESULTS, "deleted")),
    **parts.each(parts.moment, "changed_at", "known_at"),
    request_id=parts.text(),
    changes=parts.by_name(Change, "by field"),
    sent=AnyOf(SentSnapshot, SentStep, SentByCatalogue, SentDecision, required=True),
)

TimeLimit = answer("TimeLimit", "The time limit of the procedure.")(
    amount=parts.integer(), unit=parts.one_of(LimitUnit)
)

TraceStep = answer("TraceStep", "One step to the due moment, in words.")(
    at=parts.text("the local day or moment that it speaks of"), **parts.each(parts.text, "vi", "en")
)

DueMoment = answer("DueMoment", "The due moment and where it comes from: the source, a time limit, or nowhere.")(
    due_at=parts.moment(null=True),
    by=parts.one_of(("source", "time_limit"), null=True),
    limit=parts.inner(TimeLimit, null=True),
    trace=parts.listed(TraceStep),
)

DossierHistory = answer("DossierHistory", "A dossier's current state, and its versions.", DossierState)(
    source=parts.text(),
    known_at=parts.moment(),
    ended_at=parts.moment(null=True),
    outcome=parts.one_of(("early", "on_time", "late", "no_deadline", "withdrawn", "stopped"), null=True),
    deleted=parts.flag("the source deleted it: it counts nowhere until it is sent again"),
    merged=parts.flag("a person said that another source's dossier is the same: that one is counted in its place"),
    due_moment=parts.inner(DueMoment),
    warnings=parts.listed(WarningSchema),
    versions=parts.listed(Version),
    truncated=parts.flag("there are earlier versions: ask with before=, the smallest number told", optional=True),
)

CountedWarning = answer("CountedWarning", "A kind of warning, and how many dossiers have it.", WarningSchema)(
    count=parts.integer()
)

QualityGroup = answer("QualityGroup", "The warned dossiers of one unit.")(
    unit=parts.inner(NamedUnit),
    warned=parts.integer(),
    counts=parts.by_name(parts.integer(), "dossiers by kind of warning"),
)

WarnedDossier = answer("WarnedDossier", "A dossier of the asking source to look at.")(
    **parts.each(parts.text, "code", "unit_code"),
    status=parts.one_of(BY_API_NAME),
    warnings=parts.listed(WarningSchema),
)

WorkList = answer("WorkList", "A page of the asking source's warned dossiers; `next`: `after` of the following page.")(
    limit=parts.integer(), next=parts.text(null=True), dossiers=parts.listed(WarnedDossier)
)

Quality = answer("Quality", "Counts of warned dossiers; one with two kinds counts under each, and once in `warned`.")(
    source=parts.text("the source that was asked about, with its key", optional=True),
    unit=parts.inner(Unit, null=True),
    warned=parts.integer(),
    kinds=parts.listed(CountedWarning),
    groups=parts.listed(QualityGroup),
    work_list=parts.inner(WorkList, optional=True),
)
