"""A table says which programs can work on this schema, so that old replicas stay ready while new ones come.

Revision: compatible_programs, after: catalogue_versions
"""

import sqlalchemy as sa
from alembic import op

revision = "compatible_programs"
down_revision = "catalogue_versions"
branch_labels = None
depends_on = None

BREAKING = True  # programs before this one ask for columns that were renamed


def upgrade() -> None:
    op.create_table(
        "compatible_revision",
        sa.Column("schema_revision", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("schema_revision", "revision", name=op.f("pk_compatible_revision")),
    )


def downgrade() -> None:
    op.drop_table("compatible_revision")
