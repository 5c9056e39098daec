"""The counting rule stands twice, in SQL and in Python: on random histories both say the same; on both databases."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.tallies import SOURCE_NEWS
from service.domain.calendar.local_time import day_end, day_start, local_day
from service.domain.statistics.counting_rule import CountWindow, counted_as, flows, in_cohort_as, lateness_as
from service.domain.statistics.counts import COHORT, FLOWS, LATENESS, Counts
from service.store.counting import COUNTED, count_dossiers
from service.store.database import Database
from service.store.dossiers import DOSSIER, PAUSED
from service.store.statistics.dossier_counts import count_cohort, count_lateness, dossier_flows
from service.store.statistics.groups import Members
from service.store.tallies import tallied_flows
from tests.store.test_truth import BOUNDED
from tests.support.catalogues import Operator
from tests.support.client import Client, dossier
from tests.support.oracle_versions import moment
from tests.support.random_histories import Trial
from tests.support.random_records import LIMITS, MOMENTS, batches

UNTIL = st.sampled_from([at for text in MOMENTS if (at := moment(text))])


@st.composite
def windows(draw: st.DrawFn) -> CountWindow:
    start, until = sorted((draw(UNTIL), draw(UNTIL)))
    return CountWindow(start, until, until + draw(st.sampled_from((timedelta(0), timedelta(days=1)))), draw(UNTIL))


def stored(session: Session, root: str) -> Iterator[tuple[Any, list[Any]]]:
    """Yield every dossier of a trial with its paused intervals."""
    paused = defaultdict(list)
    for interval in session.execute(select(PAUSED)):
        paused[interval.source_id, interval.code].append(interval)
    for row in session.execute(select(DOSSIER).where(DOSSIER.c.unit_code.like(f"{root}%"))):
        yield row, paused[row.source_id, row.code]


def members_of(rows: list[tuple[Any, list[Any]]]) -> Members:
    return Members({row.unit_code: row.unit_code for row, _ in rows})


def compare(session: Session, root: str, window: CountWindow, as_of: datetime) -> None:
    rows = list(stored(session, root))
    members = members_of(rows)
    by_rule: dict[Any, Counter[str]] = defaultdict(Counter)
    in_cohort: dict[Any, Counter[str]] = defaultdict(Counter)
    lateness: dict[Any, Counter[str]] = defaultdict(Counter)
    told = {(row.source_id, row.unit_code): row.told_until for row in session.execute(select(SOURCE_NEWS))}
    for row, paused in rows:
        told_until = told.get((row.source_id, row.unit_code))
        by_rule[(row.unit_code,)].update(counted_as(row, paused, window, told_until))
        lateness[(row.unit_code,)].update(lateness_as(row, window))
        in_cohort[(row.unit_code,)].update(filter(None, [in_cohort_as(row, paused, window, as_of)]))
    by_sql = count_dossiers(session, members, window, ("unit",))
    assert named(by_sql, COUNTED) == {key: dict(counts) for key, counts in by_rule.items() if counts}
    said = count_lateness(session, members, window, ("unit",))
    assert named(said, LATENESS) == {key: dict(counts) for key, counts in lateness.items() if counts}
    cohort = count_cohort(session, members, window, as_of, ("unit",))
    assert named(cohort, COHORT) == {key: dict(counts) for key, counts in in_cohort.items() if counts}


def named(groups: dict[Any, Counts], names: tuple[str, ...]) -> dict[Any, dict[str, int]]:
    """Return the counts above zero by their names, without the groups that have none."""
    shown = {key: {name: n for name in names if (n := getattr(counts, name))} for key, counts in groups.items()}
    return {key: counts for key, counts in shown.items() if counts}


def compare_flows(session: Session, root: str, window: CountWindow) -> None:
    rows = list(stored(session, root))
    first, after = local_day(window.start), local_day(window.counted_until)
    by_rule = Counter(name for row, _ in rows for day, name in flows(row) if first <= day < after)
    members = members_of(rows)
    wanted = {(): dict(by_rule)} if by_rule else {}
    assert named(dossier_flows(session, members, (first, after)), FLOWS) == wanted
    assert named(tallied_flows(session, "day", members, (first, after)), FLOWS) == wanted


def test_sql_and_python_count_alike(client: Client, database: Database, operator: Operator) -> None:
    operator.time_limits(LIMITS)

    @BOUNDED
    @given(batches(), st.lists(st.tuples(windows(), UNTIL), min_size=15, max_size=15))
    def property_(pushed: list[list[dict[str, Any]]], drawn: list[tuple[CountWindow, datetime]]) -> None:
        trial = Trial(client, database)
        trial.push_daily(pushed)
        with database.reading() as session:
            for window, as_of in drawn:
                whole = CountWindow(
                    day_start(local_day(window.start)), day_end(local_day(window.counted_until)), window.soon
                )
                compare(session, trial.root, window, as_of)
                compare(session, trial.root, whole, as_of)
                compare_flows(session, trial.root, window)

    property_()


def test_what_sources_told_is_not_looked_up_once_for_each_unfinished_dossier(
    client: Client, database: Database
) -> None:
    """For 20,000 that are overdue these look-ups took longer than all the rest of a widget."""
    if not database.is_sqlite:
        pytest.skip("PostgreSQL joins them once")
    client.batch([dossier(f"A-{number}", received_at="2023-10-01", due_at="2023-10-02") for number in range(500)])

    def steps(until: datetime) -> int:
        """Return how many steps SQLite's machine makes to count these dossiers at a moment."""
        made = [0]
        with database.reading() as session:
            raw: Any = session.connection().connection.driver_connection
            raw.set_progress_handler(lambda: made.__setitem__(0, made[0] + 1), 1)
            counted = count_dossiers(session, Members({"H23.45": "H23.45"}), CountWindow(until, until, until))
            raw.set_progress_handler(None, 0)
        assert counted[()].open_overdue == counted[()].overdue_confirmed
        assert counted[()].open_overdue in (0, 500)
        return made[0]

    in_time, overdue = steps(datetime(2023, 10, 2, tzinfo=UTC)), steps(datetime(2024, 1, 1, tzinfo=UTC))
    assert max(in_time, overdue) < 500 * 42  # 31 and 39 a dossier; 45 and 47 with the news joined to each
