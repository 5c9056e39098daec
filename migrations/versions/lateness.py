"""What is said of dossiers beside their outcome, when their end became known, and until when sources told of units.

The columns are empty at first, so that nobody waits for them; the next migration fills them.

Revision: lateness, after: field_names
"""

import models.base
import sqlalchemy as sa
from alembic import op

revision = "lateness"
down_revision = "field_names"
branch_labels = None
depends_on = None

_INSTANT = models.base.Instant(timezone=True)


def upgrade() -> None:
    op.create_table(
        "source_news",
        sa.Column("source_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("unit_code", sa.String(length=35), nullable=False),
        sa.Column("told_until", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("source_id", "unit_code", name=op.f("pk_source_news")),
    )
    op.add_column("dossier", sa.Column("end_known_at", _INSTANT, nullable=True))
    op.add_column("dossier", sa.Column("lateness", sa.SmallInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("dossier", "lateness")
    op.drop_column("dossier", "end_known_at")
    op.drop_table("source_news")
