"""The coverage of an answer: which units should have sent, which are silent, how much these usually send."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from sqlalchemy.orm import Session

from service.domain.calendar.local_time import local_day
from service.domain.calendar.work_calendar import WorkCalendar
from service.domain.statistics.coverage import UnitCoverage, expected_units, heard_from, silent_units
from service.domain.statistics.questions import Question
from service.domain.units import UnitTree
from service.store.statistics.groups import Members
from service.store.statistics.heard import usual_receipts


@dataclass
class CoverageReader:
    """Tells the coverage of some units for a question that is counted up to the local day `last`."""

    session: Session
    tree: UnitTree
    members: Members
    question: Question
    last: date
    work: WorkCalendar

    def all(self) -> UnitCoverage:
        """Return the coverage of the units; that of disjoint units can be added."""
        expected = self._expected
        silent = silent_units(self.tree, expected, self._since)
        if not silent:
            return UnitCoverage(len(expected), ())
        usual = self._usual
        return UnitCoverage(len(expected), silent, sum(usual.get(code, 0) for code in silent), sum(usual.values()))

    def heard(self) -> dict[str, bool]:
        """Return the units that should send, each with whether it was heard."""
        silent = {*silent_units(self.tree, self._expected, self._since)}
        return {code: code not in silent for code in self._expected}

    @cached_property
    def _since(self) -> date:
        asked_on = local_day(self.question.as_of)
        return heard_from(self.question.period, asked_on, self.work, self.question.heard_within)

    @cached_property
    def _expected(self) -> list[str]:
        units = self.tree.units
        # What units received matters only for those that no import knows; without one nothing is asked.
        received = self._usual if any(units[code].provisional for code in self.members.groups) else {}
        return expected_units(self.tree, self.members.groups, self.question.period.first, self.last, received)

    @cached_property
    def _usual(self) -> Mapping[str, int]:
        month = self.last.replace(day=1)
        after = (month + timedelta(days=32)).replace(day=1)
        return usual_receipts(self.session, self.members, month.replace(year=month.year - 1), after)
