"""An index of the months' tallies: a year of a whole province reads its twelve months, not every month there ever was.

Revision: tally_by_month, after: indexes_beside_work
"""

from alembic import op

from migrations.beside_work import create_index

revision = "tally_by_month"
down_revision = "indexes_beside_work"
branch_labels = None
depends_on = None

_INDEX = "ix_tally_month_dimension_month"


def upgrade() -> None:
    create_index(_INDEX, "tally_month", ["dimension", "month"])


def downgrade() -> None:
    op.drop_index(_INDEX, "tally_month")
