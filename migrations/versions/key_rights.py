"""What a source's key may do, how long, and for which units; the former key; the log of administrative acts.

Revision: key_rights, after: closed_late
"""

import models.base
import sqlalchemy as sa
from alembic import op

revision = "key_rights"
down_revision = "closed_late"
branch_labels = None
depends_on = None

_INSTANT = models.base.Instant(timezone=True)
_NULLABLE = {
    "unit_code": sa.String(length=35),
    "key_until": _INSTANT,
    "key_used_on": sa.Date(),
    "former_key_id": sa.String(length=16),
    "former_key_hash": sa.String(length=64),
    "former_until": _INSTANT,
}
_FORMER = "ix_source_former_key_id"


def upgrade() -> None:
    for name, type_ in _NULLABLE.items():
        op.add_column("source", sa.Column(name, type_, nullable=True))
    scopes = sa.Column("scopes", sa.String(length=40), nullable=False, server_default="push,import,read")
    op.add_column("source", scopes)
    op.create_index(_FORMER, "source", ["former_key_id"], unique=True)
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("act", sa.String(length=300), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )


def downgrade() -> None:
    op.drop_table("audit_entry")
    op.drop_index(_FORMER, "source")
    for name in (*_NULLABLE, "scopes"):
        op.drop_column("source", name)
