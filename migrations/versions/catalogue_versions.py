"""Imports of procedures and days append; a dossier keeps the version of the catalogue that it was computed with.

Revision: catalogue_versions, after: job_run_words
"""

import os
import re
from datetime import UTC, datetime

import models.base
import sqlalchemy as sa
from alembic import op

revision = "catalogue_versions"
down_revision = "job_run_words"
branch_labels = None
depends_on = None

_NATIONAL_CODE = re.compile(r"(\d\.\d{6})(?!\d).*", re.ASCII)
_HOURS = "07:00-11:30,13:30-17:00"


def upgrade() -> None:
    op.create_table(
        "catalogue_version",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=True),
        sa.Column("known_at", models.base.Instant(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("office_hours", sa.String(length=200), nullable=False),
        sa.Column("receipt_off_hours", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_version")),
    )
    op.create_table(
        "imported_procedure",
        sa.Column("id", models.base.BigKey, nullable=False, autoincrement=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("field_code", sa.String(length=64), nullable=True),
        sa.Column("limit_amount", sa.Integer(), nullable=True),
        sa.Column("limit_unit", sa.String(length=16), nullable=True),
        sa.CheckConstraint(
            "(limit_amount IS NULL) = (limit_unit IS NULL)", name=op.f("ck_imported_procedure_limit_complete")
        ),
        sa.ForeignKeyConstraint(
            ["version"], ["catalogue_version.id"], name=op.f("fk_imported_procedure_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_procedure")),
    )
    op.create_index(op.f("ix_imported_procedure_code"), "imported_procedure", ["code"])
    op.add_column("dossier", sa.Column("catalogue_version", sa.Integer(), nullable=True))
    _first_version()
    _keep_limits()
    _keep_days()
    op.execute(
        "UPDATE dossier SET catalogue_version = 1 WHERE received_at IS NOT NULL"
        " AND (due_at IS NULL OR deadline IS NOT NULL)"
    )
    _national_codes()
    with op.batch_alter_table("procedure") as batch:
        batch.drop_constraint(op.f("ck_procedure_limit_complete"), type_="check")
        batch.drop_column("limit_amount")
        batch.drop_column("limit_unit")


def _first_version() -> None:
    """Everything that is known when versions begin is version 1."""
    table = sa.table(
        "catalogue_version",
        sa.column("known_at", models.base.Instant(timezone=True)),
        sa.column("reason", sa.String()),
        sa.column("office_hours", sa.String()),
        sa.column("receipt_off_hours", sa.String()),
    )
    hours = os.environ.get("TTHC_OFFICE_HOURS") or _HOURS
    first = {"known_at": datetime.now(UTC), "reason": "first", "office_hours": hours, "receipt_off_hours": "next_day"}
    op.execute(sa.insert(table).values(first))


def _keep_limits() -> None:
    """Keep a limit for each national code: its own before that of a local variant."""
    bind = op.get_bind()
    columns = "code, field_code, limit_amount, limit_unit"
    rows = bind.execute(sa.text(f"SELECT {columns} FROM procedure WHERE limit_amount IS NOT NULL ORDER BY code DESC"))
    kept = {_national(code): (field, amount, unit) for code, field, amount, unit in rows}
    for code, (field, amount, unit) in sorted(kept.items()):
        bind.execute(
            sa.text(
                "INSERT INTO imported_procedure (version, code, field_code, limit_amount, limit_unit)"
                " VALUES (1, :code, :field, :amount, :unit)"
            ),
            {"code": code, "field": field, "amount": amount, "unit": unit},
        )


def _keep_days() -> None:
    """Copy the decisions on days into a table whose key holds the version."""
    op.rename_table("calendar_day", "calendar_day_before")
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["version"], ["catalogue_version.id"], name=op.f("fk_calendar_day_version")),
        sa.PrimaryKeyConstraint("day", "version", name="pk_calendar_day_version"),
    )
    op.execute(
        "INSERT INTO calendar_day (day, version, working, reason)"
        " SELECT day, 1, working, reason FROM calendar_day_before"
    )
    op.drop_table("calendar_day_before")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE calendar_day RENAME CONSTRAINT pk_calendar_day_version TO pk_calendar_day")


def _national_codes() -> None:
    """Put dossiers under national codes by the present rule: also 1.004873.H19 is 1.004873."""
    bind = op.get_bind()
    for code in bind.execute(sa.text("SELECT DISTINCT procedure_code FROM dossier")).scalars().all():
        if _national(code) != code:
            bind.execute(
                sa.text("UPDATE dossier SET procedure_code = :national WHERE procedure_code = :code"),
                {"national": _national(code), "code": code},
            )


def _national(code: str) -> str:
    found = _NATIONAL_CODE.fullmatch(code)
    return found[1] if found else code


def downgrade() -> None:
    with op.batch_alter_table("procedure") as batch:
        batch.add_column(sa.Column("limit_amount", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("limit_unit", sa.String(length=16), nullable=True))
        batch.create_check_constraint(
            op.f("ck_procedure_limit_complete"), "(limit_amount IS NULL) = (limit_unit IS NULL)"
        )
    newest = "(SELECT {} FROM imported_procedure i WHERE i.code = procedure.code ORDER BY i.version DESC LIMIT 1)"
    op.execute(
        f"UPDATE procedure SET limit_amount = {newest.format('i.limit_amount')},"  # noqa: S608 - text of ours
        f" limit_unit = {newest.format('i.limit_unit')}"
    )
    op.rename_table("calendar_day", "calendar_day_before")
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_calendar_day_alone"),
    )
    op.execute(
        "INSERT INTO calendar_day (day, working, reason) SELECT day, working, reason FROM calendar_day_before b"
        " WHERE version = (SELECT max(version) FROM calendar_day_before c WHERE c.day = b.day)"
    )
    op.drop_table("calendar_day_before")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE calendar_day RENAME CONSTRAINT pk_calendar_day_alone TO pk_calendar_day")
    op.drop_column("dossier", "catalogue_version")
    op.drop_table("imported_procedure")
    op.drop_table("catalogue_version")
