"""Sources for trials: their dossiers never count.

Revision: test_sources, after: lateness_of_before
"""

import sqlalchemy as sa
from alembic import op

revision = "test_sources"
down_revision = "lateness_of_before"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("source", sa.Column("is_test", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("source", "is_test")
