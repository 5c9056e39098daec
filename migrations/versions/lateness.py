"""What is said of dossiers beside their outcome, when their end became known, and until when sources told of units.

Revision: lateness, after: field_names
"""

import models.base
import sqlalchemy as sa
from alembic import op

revision = "lateness"
down_revision = "field_names"
branch_labels = None
depends_on = None

_INSTANT = models.base.Instant(timezone=True)
_LEAST_MOST = {"sqlite": ("min", "max"), "postgresql": ("least", "greatest")}
_STATUS = {"sqlite": "json_extract(v.payload, '$.status')", "postgresql": "(v.payload::json ->> 'status')::int"}
_END_KNOWN = """
    WITH told AS (SELECT v.id, v.source_id, v.code, v.known_at, {status} IN (2, 4, 5, 6) AS is_open
                  FROM dossier_version v WHERE v.kind IN ('snapshot', 'step') AND v.result <> 'stale'),
         opened AS (SELECT source_id, code, max(id) AS id FROM told WHERE is_open GROUP BY 1, 2),
         ended AS (SELECT t.source_id, t.code, min(t.known_at) AS known_at FROM told t
                   JOIN opened o ON o.source_id = t.source_id AND o.code = t.code AND t.id > o.id GROUP BY 1, 2)
    UPDATE dossier SET end_known_at = (SELECT e.known_at FROM ended e WHERE e.source_id = dossier.source_id
      AND e.code = dossier.code) WHERE outcome IS NOT NULL
"""  # the first news of the end after the last news that left it open


def upgrade() -> None:
    op.create_table(
        "source_news",
        sa.Column("source_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("unit_code", sa.String(length=35), nullable=False),
        sa.Column("told_until", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("source_id", "unit_code", name=op.f("pk_source_news")),
    )
    op.execute("INSERT INTO source_news SELECT source_id, unit_code, max(known_at) FROM dossier GROUP BY 1, 2")
    op.add_column("dossier", sa.Column("end_known_at", _INSTANT, nullable=True))
    op.add_column("dossier", sa.Column("lateness", sa.SmallInteger(), nullable=True))
    least, most = _LEAST_MOST[op.get_bind().dialect.name]
    paused = f'{least}(coalesce(p."end", d.ended_at), d.ended_at) - {most}(p.start, d.received_at)'
    op.execute(
        "UPDATE dossier AS d SET lateness = 1 WHERE d.outcome = 'late' AND d.has_pauses = true AND d.ended_at - d.due_at <= ("  # noqa: S608 - names of ours
        f" SELECT sum({paused}) FROM paused_span p WHERE p.source_id = d.source_id AND p.code = d.code"
        ' AND p.start < d.ended_at AND (p."end" IS NULL OR p."end" > d.received_at))'
    )
    op.execute(_END_KNOWN.format(status=_STATUS[op.get_bind().dialect.name]))
    op.execute(
        "UPDATE dossier SET lateness = coalesce(lateness, 0) + 4 WHERE outcome IN ('early', 'on_time') AND end_known_at > due_at"
    )


def downgrade() -> None:
    op.drop_column("dossier", "lateness")
    op.drop_column("dossier", "end_known_at")
    op.drop_table("source_news")
