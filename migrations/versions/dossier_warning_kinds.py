"""Kinds of warnings are a JSON array, which cannot overflow; the order of versions needs no column.

Revision: dossier_warning_kinds, after: unit_reports
"""

import json
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "dossier_warning_kinds"
down_revision = "unit_reports"
branch_labels = None
depends_on = None

BREAKING = True  # programs before this one ask for columns that are gone

_LIFE = {1: 0, 3: 1, 2: 2, 4: 3, 5: 4, 6: 4, 8: 5, 7: 6, 9: 7, 10: 8}


def upgrade() -> None:
    op.drop_index("ix_dossier_warned", "dossier")
    op.add_column("dossier", sa.Column("warning_kinds", sa.Text(), nullable=True))
    _rewrite("warnings", "warning_kinds", lambda stored: json.dumps(stored.split(), separators=(",", ":")))
    op.drop_column("dossier", "warnings")
    op.drop_column("dossier", "life")
    _index("warning_kinds IS NOT NULL")


def downgrade() -> None:
    op.drop_index("ix_dossier_warned", "dossier")
    op.add_column("dossier", sa.Column("life", sa.SmallInteger(), nullable=False, server_default="0"))
    op.add_column("dossier", sa.Column("warnings", sa.String(length=300), nullable=False, server_default=""))
    _rewrite("warning_kinds", "warnings", lambda stored: " ".join(json.loads(stored)))
    cases = " ".join(f"WHEN {status} THEN {life}" for status, life in _LIFE.items())
    op.execute(f"UPDATE dossier SET life = CASE status {cases} END")  # noqa: S608 - numbers of ours
    op.drop_column("dossier", "warning_kinds")
    _index("warnings <> ''")


def _rewrite(old: str, new: str, rewritten: Callable[[str], str]) -> None:
    """Rewrite each of the few texts that there are."""
    connection = op.get_bind()
    texts = connection.execute(sa.text(f"SELECT DISTINCT {old} FROM dossier WHERE {old} <> ''")).scalars().all()  # noqa: S608
    update = sa.text(f"UPDATE dossier SET {new} = :new WHERE {old} = :old")  # noqa: S608 - names of ours
    for stored in texts:
        connection.execute(update, {"new": rewritten(stored), "old": stored})


def _index(where: str) -> None:
    columns = ["source_id", "unit_code"]
    op.create_index("ix_dossier_warned", "dossier", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
