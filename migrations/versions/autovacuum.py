"""PostgreSQL cleans the large and the busy tables after a share of them that does not grow with the years.

Revision: autovacuum, after: tally_by_month
"""

from alembic import op

revision = "autovacuum"
down_revision = "tally_by_month"
branch_labels = None
depends_on = None

_SETTINGS = {
    # Each dossier that ends leaves an entry in the index of the open ones, which every question reads: of 3 million
    # dossiers the default (a fifth) would let 600,000 of them stand beside 30,000 open ones.
    "dossier": {"vacuum_scale_factor": 0.01, "vacuum_insert_scale_factor": 0.05, "analyze_scale_factor": 0.02},
    # Only ever longer: what is new is frozen, and its pages marked as visible, a little at a time.
    "dossier_version": {"vacuum_insert_scale_factor": 0.02, "analyze_scale_factor": 0.02},
    # Today's rows are changed by every push, those of the years before by none.
    "tally_day": {"vacuum_scale_factor": 0, "vacuum_threshold": 5000, "analyze_scale_factor": 0.05},
    "tally_month": {"vacuum_scale_factor": 0, "vacuum_threshold": 5000, "analyze_scale_factor": 0.05},
    # A few rows, changed by every push.
    "source": {"vacuum_scale_factor": 0, "vacuum_threshold": 500},
    "source_news": {"vacuum_scale_factor": 0, "vacuum_threshold": 1000},
    "unit_news": {"vacuum_scale_factor": 0, "vacuum_threshold": 1000},
}


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        for table, settings in _SETTINGS.items():
            given = ", ".join(f"autovacuum_{name} = {value}" for name, value in settings.items())
            op.execute(f"ALTER TABLE {table} SET ({given})")


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        for table, settings in _SETTINGS.items():
            op.execute(f"ALTER TABLE {table} RESET ({', '.join(f'autovacuum_{name}' for name in settings)})")
