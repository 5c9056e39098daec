"""The index of unfinished dossiers has all columns that counting them names, so that SQLite reads no row beside it.

Revision: unfinished_index, after: autovacuum
"""

from alembic import op

from migrations.beside_work import create_index

revision = "unfinished_index"
down_revision = "autovacuum"
branch_labels = None
depends_on = None

_WHERE = "span IS NULL AND received_at IS NOT NULL"
_COLUMNS = "unit_code has_pauses received_at due_at channel reception_limit field_key source_id code".split()


def upgrade() -> None:
    create_index("ix_dossier_unfinished", "dossier", [*_COLUMNS, "span"], _WHERE, in_place_of="ix_dossier_open")


def downgrade() -> None:
    create_index("ix_dossier_open", "dossier", _COLUMNS, _WHERE, in_place_of="ix_dossier_unfinished")
