"""How fields are spelt by dossiers without a field code.

Revision: field_names, after: duplicate_pairs
"""

import sqlalchemy as sa
from alembic import op

revision = "field_names"
down_revision = "duplicate_pairs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "field_name",
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_field_name")),
    )
    op.execute(
        "INSERT INTO field_name (name) SELECT DISTINCT key FROM tally_month"
        " WHERE dimension = 'field' AND key <> '' AND key NOT IN (SELECT code FROM field)"
    )


def downgrade() -> None:
    op.drop_table("field_name")
