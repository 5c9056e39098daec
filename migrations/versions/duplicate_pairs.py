"""Dossiers of two sources that are the same: candidates and decisions, and dossiers that others are counted for.

Revision: duplicate_pairs, after: unit_views
"""

import models.base
import sqlalchemy as sa
from alembic import op

revision = "duplicate_pairs"
down_revision = "unit_views"
branch_labels = None
depends_on = None



def upgrade() -> None:
    op.create_table(
        "duplicate_pair",
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("other_source_id", sa.Integer(), nullable=False),
        sa.Column("other_code", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("reason", sa.String(length=13), nullable=False),
        sa.Column("decided_at", models.base.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_duplicate_pair_source_id")),
        sa.ForeignKeyConstraint(["other_source_id"], ["source.id"], name=op.f("fk_duplicate_pair_other_source_id")),
        sa.PrimaryKeyConstraint(
            "source_id", "code", "other_source_id", "other_code", name=op.f("pk_duplicate_pair")
        ),
    )
    op.add_column("dossier", sa.Column("national_code", sa.String(length=64), nullable=True))
    op.add_column("dossier", sa.Column("merged", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("dossier", sa.Column("merged_received_at", models.base.Instant(timezone=True), nullable=True))


def downgrade() -> None:
    """Forget the pairs; what was merged stays out of the counts unless its pair was refused before."""
    for name in ("merged_received_at", "merged", "national_code"):
        op.drop_column("dossier", name)
    op.drop_table("duplicate_pair")
