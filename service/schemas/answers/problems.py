"""Problems (RFC 9457): the answer when something is wrong."""

from marshmallow import fields

from service.schemas.answers.parts import answer, by_name, integer, text

Problem = answer("Problem", "A problem: what is wrong, and what to do.")(
    type=text("a URI of the kind of problem", format="uri-reference"),
    title=text(),
    status=integer(),
    detail=text("what happened and what to do, in Vietnamese (and English)"),
    errors=by_name(fields.List(fields.Str()), "messages by field, parameter or part of the body", optional=True),
    error_code=text("national routes: the status", optional=True),
    message=text("national routes: the detail", optional=True),
)
