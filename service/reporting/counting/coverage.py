"""The coverage of an answer: which units should send, which are silent, how much the silent ones usually receive."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session
from sqlalchemy.util import memoized_property  # as in report.py

from service.domain.calendar.local_time import local_day
from service.domain.calendar.work_calendar import WorkCalendar
from service.domain.statistics.coverage import UnitCoverage, expected_units, heard_from, silent_units
from service.domain.statistics.questions import Question
from service.domain.units import UnitTree
from service.store.statistics.groups import Members
from service.store.statistics.heard import usual_receipts


@dataclass
class CoverageReader:
    """Reads the coverage of some units. last: the last local day that the question's answer counts."""

    session: Session
    tree: UnitTree
    members: Members
    question: Question
    last: date
    work: WorkCalendar

    @memoized_property
    def all(self) -> UnitCoverage:
        expected = self._expected
        silent = silent_units(self.tree, expected, self._since)
        if not silent:
            return UnitCoverage(len(expected), ())
        usual = self._usual
        return UnitCoverage(len(expected), silent, sum(usual.get(code, 0) for code in silent), sum(usual.values()))

    def heard(self) -> dict[str, bool]:
        silent = {*silent_units(self.tree, self._expected, self._since)}
        return {code: code not in silent for code in self._expected}

    @memoized_property
    def _since(self) -> date:
        asked_on = local_day(self.question.as_of)
        return heard_from(self.question.period, asked_on, self.work, self.question.heard_within)

    @memoized_property
    def _expected(self) -> list[str]:
        units = self.tree.units
        # Only of units that no import knows it matters what they received.
        received = self._usual if any(units[code].provisional for code in self.members.groups) else {}
        return expected_units(self.tree, self.members.groups, self.question.period.first, self.last, received)

    @memoized_property
    def _usual(self) -> Mapping[str, int]:
        """Return what each unit received in the month of the last day and the twelve before."""
        month = self.last.replace(day=1)
        after = (month + timedelta(days=32)).replace(day=1)
        return usual_receipts(self.session, self.members, month.replace(year=month.year - 1), after)
