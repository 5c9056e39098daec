"""A unit says whether it is expected to send dossiers itself.

Revision: unit_reports, after: compatible_programs
"""

import sqlalchemy as sa
from alembic import op

revision = "unit_reports"
down_revision = "compatible_programs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("unit", sa.Column("reports", sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column("unit", "reports")
