"""Answers about views."""

from service.schemas.answers.parts import NamedUnit, answer, each, inner, integer, moment

ViewCounts = answer("ViewCounts", "How many answers were given.")(
    now=integer("within the last five minutes that were written"),
    **each(integer, "today", "month"),
    all=integer("since counting began"),
)

Views = answer("Views", "How often a unit's widget and page were seen; who saw them is not known.")(
    unit=inner(NamedUnit), as_of=moment(), widget=inner(ViewCounts), page=inner(ViewCounts), total=inner(ViewCounts)
)
