"""A source says whether pauses are derived from its statuses.

Revision: derive_pauses, after: dossier_warning_kinds
"""

import sqlalchemy as sa
from alembic import op

revision = "derive_pauses"
down_revision = "dossier_warning_kinds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("source", sa.Column("derive_pauses", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("source", "derive_pauses")
