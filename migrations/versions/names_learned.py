"""When the name of a procedure or a field was learned from a dossier: an import wins, then who came first.

Revision: names_learned, after: covering_indexes
"""

import sqlalchemy as sa
from alembic import op

from models.base import Instant

revision = "names_learned"
down_revision = "covering_indexes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("field", "procedure"):
        op.add_column(table, sa.Column("learned_at", Instant(), nullable=True))


def downgrade() -> None:
    for table in ("procedure", "field"):
        op.drop_column(table, "learned_at")
