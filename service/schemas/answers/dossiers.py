"""Answers to a source about its own dossiers: their history, and the quality of what was sent."""

from typing import Any

from marshmallow.fields import Field

from service.domain.dossier.snapshot import MOMENTS
from service.domain.dossier.statuses import BY_API_NAME, CHANNEL_BY_NAME
from service.domain.procedures import LimitUnit
from service.schemas.answers.parts import (
    Answer,
    AnyOf,
    NamedUnit,
    SchemaClass,
    by_name,
    flag,
    inner,
    integer,
    listed,
    moment,
    one_of,
    text,
)
from service.schemas.answers.pushes import RESULTS, WarningSchema
from service.schemas.answers.statistics import Unit


class Interval(Answer):
    """A pause; without an end it is open."""

    from_ = moment(key="from")
    to = moment(null=True)
    derived = flag("only statuses tell it", optional=True)


def _snapshot_fields(*, sent_only: bool) -> dict[str, Field[Any]]:
    """Describe the fields of a snapshot: all of them, or (sent_only) only those that a sender gave a value."""
    null = not sent_only
    return {
        "code": text(optional=sent_only),
        "unit_code": text(optional=sent_only),
        "procedure_code": text(optional=sent_only),
        "national_code": text("its code in the national system, if that is another", null=null, optional=sent_only),
        "status": one_of(BY_API_NAME, optional=sent_only),
        "field_code": text(null=null, optional=sent_only),
        "field_name": text(null=null, optional=sent_only),
        "channel": one_of(CHANNEL_BY_NAME, optional=sent_only),
        **{name: moment(null=null, optional=sent_only) for name in MOMENTS},
        "due_precision": one_of(("day", "instant"), null=null, optional=sent_only),
        "pauses": listed(Interval, optional=sent_only),
    }


DossierState: SchemaClass = Answer.from_dict(_snapshot_fields(sent_only=False), name="DossierState")
SentSnapshot: SchemaClass = Answer.from_dict(_snapshot_fields(sent_only=True), name="SentSnapshot")


class SentStep(Answer):
    """What a progress step brought."""

    status = one_of(BY_API_NAME)
    at = moment()


class SentByCatalogue(Answer):
    """What an import of the catalogue gave a dossier that lacked it."""

    due_at = moment("the due moment that it has since then", null=True)
    field = text("what its field is grouped by since then", null=True)


class SentDecision(Answer):
    """What a person decided: whether another source's dossier is counted in its place."""

    merged = flag()


class Change(Answer):
    """A field's value before and after a version."""

    from_ = AnyOf(text(null=True), listed(Interval), data_key="from", required=True)
    to = AnyOf(text(null=True), listed(Interval), required=True)


class Version(Answer):
    """One event: what was sent, what it changed, when that happened and when it became known."""

    number = integer("from 1, in the order in which they became known")
    kind = one_of(("snapshot", "step", "backfill", "delete", "merge"))
    result = one_of((*RESULTS, "deleted"))
    changed_at = moment()
    known_at = moment()
    request_id = text()
    changes = by_name(Change, "by field")
    sent = AnyOf(SentSnapshot, SentStep, SentByCatalogue, SentDecision, required=True)


class TimeLimit(Answer):
    """The time that the procedure may take."""

    amount = integer()
    unit = one_of(LimitUnit)


class TraceStep(Answer):
    """One step to the due moment, in words."""

    at = text("the local day or moment that it speaks of")
    vi = text()
    en = text()


class DueMoment(Answer):
    """The last moment on time and how it was reached: sent, worked out from a time limit, or none."""

    due_at = moment(null=True)
    by = one_of(("source", "time_limit"), null=True)
    limit = inner(TimeLimit, null=True)
    trace = listed(TraceStep)


class DossierHistory(DossierState):  # type: ignore[misc, valid-type]
    """A dossier as it stands, and every version that made it so."""

    class Meta(Answer.Meta):
        register = True  # a schema from a dict is not found by its name, nor is what inherits from it

    source = text()
    known_at = moment()
    ended_at = moment(null=True)
    outcome = one_of(("early", "on_time", "late", "no_deadline", "withdrawn", "stopped"), null=True)
    deleted = flag("the source deleted it: it counts nowhere until it is sent again")
    merged = flag("a person said that another source's dossier is the same: that one is counted in its place")
    due_moment = inner(DueMoment)
    warnings = listed(WarningSchema)
    versions = listed(Version)


class CountedWarning(WarningSchema):
    """A kind of warning, and how many dossiers have it."""

    count = integer()


class QualityGroup(Answer):
    """The warned dossiers of one unit."""

    unit = inner(NamedUnit)
    warned = integer()
    counts = by_name(integer(), "dossiers by kind of warning")


class WarnedDossier(Answer):
    """A dossier of the asking source to look at."""

    code = text()
    unit_code = text()
    status = one_of(BY_API_NAME)
    warnings = listed(WarningSchema)


class WorkList(Answer):
    """A page of the asking source's warned dossiers; `next` is the `after` of the following page."""

    limit = integer()
    next = text(null=True)
    dossiers = listed(WarnedDossier)


class Quality(Answer):
    """Counts of warned dossiers; a dossier with two kinds counts once under each, and once in `warned`."""

    source = text("the source that was asked about, with its key", optional=True)
    unit = inner(Unit, null=True)
    warned = integer()
    kinds = listed(CountedWarning)
    groups = listed(QualityGroup)
    work_list = inner(WorkList, optional=True)
