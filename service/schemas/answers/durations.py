"""The answer of /api/v1/durations."""

from marshmallow.fields import Nested

from service.domain.statistics.durations import BASES
from service.schemas.answers.parts import SchemaClass, answer, inner, integer, listed, number, one_of, text
from service.schemas.answers.statistics import AboutUnit, GroupKey

DurationClass = answer("DurationClass", "How many dossiers used, or ended before the deadline by, so many days.")(
    working_days=integer(), dossiers=integer()
)

DurationNumbers = answer("DurationNumbers", "The durations of some dossiers; all null for units that sent nothing.")(
    dossiers=integer("resolved, with an end that was told", null=True),
    unmeasured=integer("resolved, of which nobody told the end", null=True),
    mean=text("working days, as many decimals as were asked for", null=True),
    median=number("working days; half way between the two in the middle", null=True),
    p90=integer("working days within which nine of ten were done", null=True),
    histogram=listed(DurationClass, "by working days used; 120 stands for 120 and more", null=True),
    to_deadline=listed(DurationClass, "by working days before the due day, below 0 after it; ±20: and more", null=True),
)

DurationGroup: SchemaClass = answer("DurationGroup", "The durations of a group, and of its groups.", DurationNumbers)(
    key=inner(GroupKey), groups=listed(Nested(lambda: DurationGroup()), optional=True)
)

Durations = answer("Durations", "How long the resolved dossiers of a unit took.", AboutUnit, DurationNumbers)(
    by=one_of(BASES), groups=listed(DurationGroup)
)
