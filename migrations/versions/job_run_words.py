"""The columns of job_run say what they hold: heartbeat_at and result.

Revision: job_run_words, after: 0002
"""

from alembic import op

revision = "job_run_words"
down_revision = "0002"
branch_labels = None
depends_on = None

_NAMES = {"beat_at": "heartbeat_at", "facts": "result"}


def upgrade() -> None:
    for old, new in _NAMES.items():
        op.execute(f"ALTER TABLE job_run RENAME COLUMN {old} TO {new}")


def downgrade() -> None:
    for old, new in _NAMES.items():
        op.execute(f"ALTER TABLE job_run RENAME COLUMN {new} TO {old}")
