"""The flows of whole local days, read from the cheapest place that has them.

Tallies hold a unit's flows by day, and by civil month also those of each field or channel. Other flows (by two of
field, channel and procedure, or by one of them and by day) are counted from the dossiers.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from service.domain.statistics.counts import Counts
from service.store.statistics.dossier_counts import dossier_flows
from service.store.statistics.groups import CountsByGroup, Members, sum_by_group
from service.store.tallies import tallied_flows


@dataclass(frozen=True)
class WholeDays:
    """Reads the flows of some units' dossiers."""

    session: Session
    members: Members

    def flows(self, first: date, after: date, by: tuple[str, ...], *, months: bool = True) -> CountsByGroup:
        """Sum the flows of the days [first, after), in total or by some groupings.

        The grouping "moment" is the day; with `months` it may be the first day of a whole civil month.
        """
        if not (months and self._in_months(by)):
            return self._of_days((first, after), by)
        months_from, months_to = whole_months(first, after)
        return sum_by_group(
            self._of_days((first, months_from), by),
            tallied_flows(self.session, "month", self.members, (months_from, months_to), by),
            self._of_days((months_to, after), by),
        )

    def tallied_until(self, first: date, after: date, by: tuple[str, ...]) -> date:
        """Return the day up to which `flows` shall be read; what follows is cheaper to count with unfinished dossiers.

        By field or channel: the end of the last whole month. By procedure, or by two of the three: `first`.
        """
        if self.members.about_dossiers(by):
            return whole_months(first, after)[1] if self._in_months(by) else first
        return after

    def _in_months(self, by: tuple[str, ...]) -> bool:
        names = self.members.about_dossiers(by)
        return len(names) <= 1 and names <= {"field", "channel"}

    def _of_days(self, days: tuple[date, date], by: tuple[str, ...]) -> CountsByGroup:
        if self.members.about_dossiers(by):
            return dossier_flows(self.session, self.members, days, by)
        return tallied_flows(self.session, "day", self.members, days, by)


def whole_months(first: date, after: date) -> tuple[date, date]:
    """Return the whole civil months within [first, after) as [from, to); both are `first` when there is none."""
    start = first if first.day == 1 else (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    end = after.replace(day=1)
    return (start, end) if start < end else (first, first)


def joined_groups(flows: CountsByGroup, untallied: CountsByGroup) -> CountsByGroup:
    """Join, by group, flows of whole days with what was counted from the dossiers for the time after these days.

    What is carried over into the whole days: what is carried over into that time + closed - received in them.
    """
    before = {key: Counts(carried_over=counts.closed - counts.received) for key, counts in flows.items()}
    return sum_by_group(before, flows, untallied)
