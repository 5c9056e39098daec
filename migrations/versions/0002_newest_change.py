"""The newest change of each unit is kept, and the index of unfinished dossiers answers for their pauses.

Revision: 0002, after: 0001
"""

import models.base
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_OPEN = ["unit_code", "has_pauses", "received_at", "due_at", "channel", "reception_limit", "field_key"]
_UNFINISHED = sa.text("span IS NULL AND received_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "unit_news",
        sa.Column("unit_code", sa.String(length=35), nullable=False),
        sa.Column("newest_change", models.base.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("unit_code", name=op.f("pk_unit_news")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("LOCK TABLE dossier_version IN SHARE MODE")  # pushes under way come first
    op.execute(
        "INSERT INTO unit_news (unit_code, newest_change)"
        " SELECT unit_code, max(changed_at) FROM dossier_version GROUP BY unit_code"
    )
    _index_unfinished([*_OPEN, "source_id", "code"])


def downgrade() -> None:
    _index_unfinished(_OPEN)
    op.drop_table("unit_news")


def _index_unfinished(columns: list[str]) -> None:
    op.drop_index("ix_dossier_open", "dossier")
    op.create_index(
        "ix_dossier_open", "dossier", columns, sqlite_where=_UNFINISHED, postgresql_where=_UNFINISHED
    )
