"""Tallies tell which withdrawn and stopped dossiers ended after their due moment; an index by due moment.

Revision: closed_late, after: source_headings
"""

from collections import Counter
from datetime import timedelta
from typing import Any

import models.base
import sqlalchemy as sa
from alembic import op

revision = "closed_late"
down_revision = "source_headings"
branch_labels = None
depends_on = None
BREAKING = True  # programs before this one write tallies without the new columns

_FLOWS = ("withdrawn_late", "stopped_late")
_CHANNELS = {1: "direct", 2: "online", 3: "postal"}
_INDEX = "ix_dossier_due"
_LOCAL = timedelta(hours=7)


def upgrade() -> None:
    for table in ("tally_day", "tally_month"):
        for name in _FLOWS:
            op.add_column(table, sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    _fill()
    for table in ("tally_day", "tally_month"):
        with op.batch_alter_table(table) as batch:
            for name in _FLOWS:
                batch.alter_column(name, server_default=None)
    counted = sa.text("due_at IS NOT NULL AND received_at IS NOT NULL")
    op.create_index(_INDEX, "dossier", ["due_at"], sqlite_where=counted, postgresql_where=counted)


def _fill() -> None:
    """Count what the dossiers say, as `tallies verify --repair` would."""
    instant = models.base.Instant(timezone=True)
    dossier = sa.table(
        "dossier",
        *(sa.column(name) for name in ("unit_code", "field_key", "channel", "outcome")),
        *(sa.column(name, instant) for name in ("received_at", "due_at", "ended_at")),
    )
    c = dossier.c
    late = sa.select(c.unit_code, c.field_key, c.channel, c.outcome, c.ended_at).where(
        c.received_at.is_not(None), c.outcome.in_(("withdrawn", "stopped")), c.ended_at > c.due_at
    )
    days: Counter[tuple[Any, ...]] = Counter()
    months: Counter[tuple[Any, ...]] = Counter()
    connection = op.get_bind()
    for unit, field, channel, outcome, ended_at in connection.execute(late):
        day = (ended_at + _LOCAL).date()
        days[unit, day, outcome] += 1
        for dimension, key in (("", ""), ("field", field or ""), ("channel", _CHANNELS[channel])):
            months[dimension, unit, day.replace(day=1), key, outcome] += 1
    for (unit, day, outcome), count in days.items():
        _add("tally_day", {"unit_code": unit, "day": day}, outcome, count)
    for (dimension, unit, month, key, outcome), count in months.items():
        _add("tally_month", {"dimension": dimension, "unit_code": unit, "month": month, "key": key}, outcome, count)


def _add(name: str, key: dict[str, Any], outcome: str, count: int) -> None:
    types = {"day": sa.Date(), "month": sa.Date()}
    flow = f"{outcome}_late"
    table = sa.table(name, sa.column(flow), *(sa.column(part, types.get(part)) for part in key))
    mine = sa.and_(*(table.c[part] == value for part, value in key.items()))
    op.get_bind().execute(sa.update(table).where(mine).values({flow: count}))


def downgrade() -> None:
    op.drop_index(_INDEX, "dossier")
    for table in ("tally_day", "tally_month"):
        for name in _FLOWS:
            op.drop_column(table, name)
