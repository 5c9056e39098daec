"""Decide whether dossiers of two sources are the same, and count only the first of a confirmed pair."""

from datetime import datetime

from sqlalchemy.orm import Session

from service.components import Components
from service.domain.dossier.events import MergeEvent
from service.domain.errors import BadData
from service.ingest.pipeline import Pipeline
from service.ingest.sender import Sender
from service.ingest.tallies import TallyChanges
from service.store import catalogue, sources
from service.store.duplicates import pairs as duplicate_pairs
from service.store.duplicates.pairs import BY_HAND, CANDIDATE, CONFIRMED, REFUSED, Named, Pair


def search(components: Components, now: datetime) -> list[Pair]:
    """Look for pairs anew, count each confirmed one once, and return the pairs that are known."""
    with components.database.reading(patient=True) as session:
        candidates = duplicate_pairs.search(session, catalogue.unit_tree(session))
    with components.database.writing() as session:
        duplicate_pairs.keep_candidates(session, candidates)
        confirmed = [pair for pair in duplicate_pairs.pairs(session) if pair.state == CONFIRMED]
        for source_id in sorted({pair.second.source_id for pair in confirmed}):
            sources.lock_for_push(session, source_id)  # all before the first tally row, as a push does
        changes = TallyChanges()
        for pair in confirmed:
            _count_once(components, session, pair, now, changes)
        changes.write(session)  # of all pairs at once, in the order of keys: a push beside it waits in no circle
        return duplicate_pairs.pairs(session)


def confirm(components: Components, first: str, second: str, now: datetime) -> None:
    """Record that two dossiers are the same: the first counts, the second no longer."""
    with components.database.writing() as session:
        pair = _named(session, first, second)._replace(state=CONFIRMED)
        for text in (first, second):
            row = duplicate_pairs.row_of(session, _find(session, text))
            if row is None or row.received_at is None:
                raise BadData(
                    f"{text!r} hiện không được tính: đã gộp, đã xóa hoặc chưa tiếp nhận"
                    " (it is not counted: merged already, deleted or not received)"
                )
        duplicate_pairs.keep(session, pair, now)
        changes = TallyChanges()
        _count_once(components, session, pair, now, changes)
        changes.write(session)


def refuse(components: Components, first: str, second: str, now: datetime) -> None:
    """Record that two dossiers are not the same: both count, also if they were confirmed before."""
    with components.database.writing() as session:
        pair = _named(session, first, second)
        if pair.state == CONFIRMED:
            changes = TallyChanges()
            _merge(components, session, pair.second, False, now, changes)
            changes.write(session)
        duplicate_pairs.keep(session, pair._replace(state=REFUSED), now)


def _named(session: Session, first: str, second: str) -> Pair:
    """Return the stored or a new pair of the two dossiers that a person names; their sources are locked."""
    one, other = _find(session, first), _find(session, second)
    for source_id in sorted({one.source_id, other.source_id}):
        sources.lock_for_push(session, source_id)
    known = next((pair for pair in duplicate_pairs.pairs(session) if pair.both == {one, other}), None)
    if known is not None and known.state == CONFIRMED:
        return known  # perhaps of one source now: a transfer may have joined the two
    if one.source_id == other.source_id:
        raise BadData("Hai hồ sơ phải của hai nguồn (the two dossiers must be of two sources)")
    return Pair(one, other, CANDIDATE, known.reason if known else BY_HAND)


def _find(session: Session, text: str) -> Named:
    named = duplicate_pairs.find(session, text)
    if len(named) == 1:
        return named[0]
    vi, en = ("Có nhiều hồ sơ", "more than one dossier") if named else ("Không có hồ sơ", "no dossier")
    raise BadData(f"{vi} {text[:80]!r}; viết NGUỒN/MÃ như `duplicates list` ({en}: write SOURCE/CODE as listed)")


def _count_once(components: Components, session: Session, pair: Pair, now: datetime, changes: TallyChanges) -> None:
    """Merge the second dossier of a confirmed pair; while the first is deleted or not received, count the second.

    changes: gets what changes in the tallies.
    """
    first, second = (duplicate_pairs.row_of(session, named) for named in pair[:2])
    is_there = first is not None and bool(first.received_at or first.merged)
    if second is not None and second.merged != is_there:
        _merge(components, session, pair.second, is_there, now, changes)


def _merge(
    components: Components, session: Session, named: Named, merged: bool, now: datetime, changes: TallyChanges
) -> None:
    sender = Sender(named.source_id, f"duplicates-{now:%Y%m%dT%H%M%S}")
    pipeline = Pipeline(session, sender, lambda: now, components.hours)
    pipeline.tally_changes = changes
    list(pipeline.file([MergeEvent(named.code, merged)]))
