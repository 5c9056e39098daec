"""An index of the days, for units that hold all others; indexes of dossiers that pushes need not wait for.

Revision: indexes_beside_work, after: test_sources
"""

from alembic import op

from migrations.beside_work import create_index

revision = "indexes_beside_work"
down_revision = "test_sources"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_index("ix_tally_day_day", "tally_day", ["day"])
    create_index("ix_dossier_merged", "dossier", ["unit_code"], "merged_received_at IS NOT NULL")
    create_index("ix_dossier_lateness", "dossier", ["ended_at", "unit_code", "lateness"], "lateness IS NOT NULL")


def downgrade() -> None:
    op.drop_index("ix_dossier_lateness", "dossier")
    op.drop_index("ix_dossier_merged", "dossier")
    op.drop_index("ix_tally_day_day", "tally_day")
