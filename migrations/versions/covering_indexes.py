"""Indexes that hold all that their questions name: SQLite looked each unfinished or warned dossier up in its row.

Revision: covering_indexes, after: autovacuum
"""

from migrations.beside_work import create_index

revision = "covering_indexes"
down_revision = "autovacuum"
branch_labels = None
depends_on = None

_UNFINISHED = "span IS NULL AND received_at IS NOT NULL"
_COUNTED = "unit_code has_pauses received_at due_at channel reception_limit field_key source_id code".split()
_WARNED, _OF = "warning_kinds IS NOT NULL", ["source_id", "unit_code"]


def upgrade() -> None:
    create_index("ix_dossier_unfinished", "dossier", [*_COUNTED, "span"], _UNFINISHED, in_place_of="ix_dossier_open")
    create_index("ix_dossier_warnings", "dossier", [*_OF, "warning_kinds"], _WARNED, in_place_of="ix_dossier_warned")


def downgrade() -> None:
    create_index("ix_dossier_warned", "dossier", _OF, _WARNED, in_place_of="ix_dossier_warnings")
    create_index("ix_dossier_open", "dossier", _COUNTED, _UNFINISHED, in_place_of="ix_dossier_unfinished")
