"""Counts by day or month: the flows of each bucket, and what was unfinished at its end."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from service.domain.calendar.periods import Period
from service.domain.statistics.counts import Counts
from service.domain.statistics.questions import MOST_CELLS, GroupCounts, GroupKey, TooManyGroups
from service.reporting.counting.whole_days import WholeDays
from service.store.statistics.groups import CountsByGroup, Key, sum_by_group


def counts_over_time(
    whole_days: WholeDays,
    buckets: Sequence[Period],
    tallied_until: date,
    by: tuple[str, ...],
    untallied: CountsByGroup,
    beside: CountsByGroup,
) -> dict[Key, list[GroupCounts]]:
    """Return the buckets of each group.

    untallied: counted from the dossiers: flows from the day `tallied_until` on, and what is unfinished at the end.
    beside: counts that no tally holds, by group and day.
    """
    in_civil_months = buckets[0].kind == "month" and all(bucket.first.day == 1 for bucket in buckets[1:])
    flows_by_moment = whole_days.flows(buckets[0].first, tallied_until, (*by, "moment"), months=in_civil_months)
    moments = sum_by_group(flows_by_moment, beside)
    firsts = [bucket.first for bucket in buckets]
    groups = {*untallied, *((*group,) for *group, _ in moments)} if by else {()}  # one series, even an empty one
    refuse_too_many(len(groups) * len(buckets) if by else 0)
    flows = {key: [Counts() for _ in buckets] for key in groups}
    for (*group, moment), counts in moments.items():
        series = flows[tuple(group)]
        place = bisect_right(firsts, moment) - 1
        series[place] = series[place] + counts
    return {key: _series(buckets, series, untallied.get(key, Counts())) for key, series in flows.items()}


def refuse_too_many(cells: int) -> None:
    """Raise TooManyGroups when an answer would have more cells than MOST_CELLS."""
    if cells > MOST_CELLS:
        raise TooManyGroups


def _series(buckets: Sequence[Period], flows: Sequence[Counts], untallied: Counts) -> list[GroupCounts]:
    """Work out the buckets from the last to the first: carried_over = unfinished at the end + closed - received.

    That is what the bucket before left unfinished. Their states are known in the last bucket only.
    """
    series: list[GroupCounts] = []
    in_progress = untallied.in_progress
    for bucket, whole in zip(reversed(buckets), reversed(flows), strict=True):
        last = not series
        counts = whole + untallied if last else whole
        counts = replace(counts, carried_over=in_progress + counts.closed - counts.received)
        series.append(GroupCounts(GroupKey(bucket.name, bucket.label), counts, in_progress, split_known=last))
        in_progress = counts.carried_over
    return series[::-1]
