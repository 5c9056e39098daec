"""Problems (RFC 9457), and answers to operators and to other sites: health, readiness, oEmbed, badges."""

from marshmallow import fields

from service.schemas.answers.parts import answer, by_name, each, integer, listed, moment, one_of, text

Problem = answer("Problem", "A problem: what is wrong, and what to do.")(
    type=text("a URI of the kind of problem", format="uri-reference"),
    title=text(),
    status=integer(),
    detail=text("what happened and what to do, in Vietnamese (and English)"),
    errors=by_name(fields.List(fields.Str()), "messages by field, parameter or part of the body", optional=True),
    error_code=text("national routes: the status", optional=True),
    message=text("national routes: the detail", optional=True),
)

Health = answer("Health", "The process answers.")(status=one_of(("ok",)))

JobState = answer("JobState", "How a job stands.")(
    **each(text, "job", "last_state"),
    last_success=moment(null=True),
    **each(integer, "late_seconds", "failures", "missed"),
)

Readiness = answer("Readiness", "Whether the service can work.")(
    status=one_of(("ok", "not ready")),
    database=text("ok, or the reason why it cannot be used"),
    migration=text("ok, unknown, or what to do"),
    storage=text("why a push would find no place", optional=True),
    jobs=listed(JobState, "only with the operators' token", optional=True),
)

OEmbed = answer("OEmbed", "How to embed a page of a unit (oembed.com, type rich).")(
    version=one_of(("1.0",)),
    type=one_of(("rich",)),
    title=text(),
    provider_name=text(),
    provider_url=text(format="uri"),
    **each(integer, "cache_age", "width", "height"),
    html=text(),
)

Shield = answer("Shield", "The rate in the schema of the shields.io endpoint badge.")(
    schemaVersion=integer(), **each(text, "label", "message", "color"), cacheSeconds=integer()
)
