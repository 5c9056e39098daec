"""The local days on which units were heard, and each unit's last.

Revision: coverage, after: derive_pauses
"""

import sqlalchemy as sa
from alembic import op

revision = "coverage"
down_revision = "derive_pauses"
branch_labels = None
depends_on = None

_LOCAL_DAY = {
    "sqlite": "date(known_at / 1000000 + 25200, 'unixepoch')",
    "postgresql": "CAST(known_at AT TIME ZONE INTERVAL '7 hours' AS date)",
}


def upgrade() -> None:
    database = op.get_bind().dialect.name
    op.create_table(
        "unit_heard",
        sa.Column("unit_code", sa.String(length=35), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("unit_code", "day", name=op.f("pk_unit_heard")),
    )
    op.add_column("unit", sa.Column("heard_on", sa.Date(), nullable=True))
    if database == "postgresql":
        op.execute("LOCK TABLE dossier_version IN SHARE MODE")  # pushes under way come first
    for table in ("dossier_version", "dossier"):  # versions that were superseded may have been let go
        op.execute(
            f"INSERT INTO unit_heard (unit_code, day) SELECT DISTINCT unit_code, {_LOCAL_DAY[database]} FROM {table}"  # noqa: S608 - names of ours
            " WHERE true ON CONFLICT DO NOTHING"
        )
    op.execute("UPDATE unit SET heard_on = (SELECT max(h.day) FROM unit_heard h WHERE h.unit_code = unit.code)")


def downgrade() -> None:
    op.drop_column("unit", "heard_on")
    op.drop_table("unit_heard")
