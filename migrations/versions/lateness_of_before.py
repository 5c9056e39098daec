"""Lateness of the dossiers that are there, worked out in parts beside questions and pushes.

Revision: lateness_of_before, after: lateness
"""

from alembic import op

from migrations.beside_work import transactions
from migrations.lateness_of_before import work_out

revision = "lateness_of_before"
down_revision = "lateness"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if not op.get_context().as_sql:
        with transactions() as transaction:
            work_out(transaction, op.get_context().dialect.name)


def downgrade() -> None:
    """What was worked out goes with its columns."""
