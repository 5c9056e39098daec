"""How many answers were given about each unit.

Revision: unit_views, after: key_rights
"""

import sqlalchemy as sa
from alembic import op

from models.base import Instant

revision = "unit_views"
down_revision = "key_rights"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unit_views",
        sa.Column("span", sa.String(length=6), nullable=False),
        sa.Column("start", Instant(), nullable=False),
        sa.Column("unit_code", sa.String(length=35), nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("views", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("span", "start", "unit_code", "kind", name=op.f("pk_unit_views")),
    )


def downgrade() -> None:
    op.drop_table("unit_views")
