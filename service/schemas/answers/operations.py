"""Answers to operators and to other sites: health, readiness, oEmbed, badges."""

from service.schemas.answers.parts import Answer, integer, listed, moment, one_of, text


class Health(Answer):
    """The process answers."""

    status = one_of(("ok",))


class JobState(Answer):
    """How a job stands."""

    job = text()
    last_state = text()
    last_success = moment(null=True)
    late_seconds = integer()
    failures = integer()
    missed = integer()


class Readiness(Answer):
    """Whether the service can work."""

    status = one_of(("ok", "not ready"))
    database = text("ok, or the reason why it cannot be used")
    migration = text("ok, unknown, or what to do")
    storage = text("why a push would find no place", optional=True)
    jobs = listed(JobState, "only with the operators' token", optional=True)


class OEmbed(Answer):
    """How to embed a page of a unit (oembed.com, type rich)."""

    version = one_of(("1.0",))
    type = one_of(("rich",))
    title = text()
    provider_name = text()
    provider_url = text(format="uri")
    cache_age = integer()
    width = integer()
    height = integer()
    html = text()


class Shield(Answer):
    """The rate in the schema of the shields.io endpoint badge."""

    schemaVersion = integer()  # noqa: N815 - shields.io's name
    label = text()
    message = text()
    color = text()
    cacheSeconds = integer()  # noqa: N815 - shields.io's name
