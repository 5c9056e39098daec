"""The newest change of each unit is kept; the indexes of counting answer for pauses, and by span class first.

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
_CLOSED = ["span", "ended_at"]


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
    _index_anew("ix_dossier_open", [*_OPEN, "source_id", "code"], "span IS NULL AND received_at IS NOT NULL")
    _index_anew("ix_dossier_closed", [*_CLOSED, "unit_code"], "span IS NOT NULL")


def downgrade() -> None:
    _index_anew("ix_dossier_closed", ["unit_code", *_CLOSED], "span IS NOT NULL")
    _index_anew("ix_dossier_open", _OPEN, "span IS NULL AND received_at IS NOT NULL")
    op.drop_table("unit_news")


def _index_anew(name: str, columns: list[str], where: str) -> None:
    op.drop_index(name, "dossier")
    op.create_index(name, "dossier", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
