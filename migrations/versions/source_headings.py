"""Headings that a source's people have settled.

Revision: source_headings
"""

import sqlalchemy as sa
from alembic import op

revision = "source_headings"
down_revision = "coverage"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "source_heading",
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("heading", sa.String(150), nullable=False),
        sa.Column("field", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_source_heading_source_id_source")),
        sa.PrimaryKeyConstraint("source_id", "heading", name=op.f("pk_source_heading")),
    )


def downgrade() -> None:
    op.drop_table("source_heading")
