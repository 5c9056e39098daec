"""All tables of the first release.

Revision: 0002, after: none. It keeps the number of the last migration before the release, so that
a database from before it is at this one already.
"""

import models.base
import sqlalchemy as sa
from alembic import op


revision = "0002"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "field",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_field")),
    )
    op.create_table(
        "job_run",
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("slot", models.base.Instant(timezone=True), nullable=False),
        sa.Column("next_slot", models.base.Instant(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("started_at", models.base.Instant(timezone=True), nullable=False),
        sa.Column("beat_at", models.base.Instant(timezone=True), nullable=False),
        sa.Column("finished_at", models.base.Instant(timezone=True), nullable=True),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('running', 'done', 'failed')", name=op.f("ck_job_run_state")),
        sa.PrimaryKeyConstraint("job", "slot", name=op.f("pk_job_run")),
    )
    op.create_table(
        "paused_span",
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("start", models.base.Instant(timezone=True), nullable=False),
        sa.Column("end", models.base.Instant(timezone=True), nullable=True),
        sa.Column("in_time", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", "code", "start", name=op.f("pk_paused_span")),
    )
    op.create_table(
        "procedure",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=True),
        sa.Column("field_code", sa.String(length=64), nullable=True),
        sa.Column("field_name", sa.String(length=300), nullable=True),
        sa.Column("limit_amount", sa.Integer(), nullable=True),
        sa.Column("limit_unit", sa.String(length=16), nullable=True),
        sa.CheckConstraint(
            "(limit_amount IS NULL) = (limit_unit IS NULL)", name=op.f("ck_procedure_limit_complete")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_procedure")),
    )
    op.create_table(
        "source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=True),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("ok_code", sa.String(length=8), nullable=False),
        sa.Column("created_at", models.base.Instant(timezone=True), nullable=False),
        sa.Column("disabled_at", models.base.Instant(timezone=True), nullable=True),
        sa.Column("last_push_at", models.base.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
        sa.UniqueConstraint("code", name=op.f("uq_source_code")),
        sa.UniqueConstraint("key_id", name=op.f("uq_source_key_id")),
    )
    op.create_table(
        "source_hour",
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("hour", models.base.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_source_hour_source_id")),
        sa.PrimaryKeyConstraint("source_id", "hour", name=op.f("pk_source_hour")),
    )
    op.create_table(
        "source_rhythm",
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("usual_gap_seconds", sa.Integer(), nullable=False),
        sa.Column("measured_at", models.base.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_source_rhythm_source_id")),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_source_rhythm")),
    )
    op.create_table(
        "tally_day",
        sa.Column("unit_code", sa.String(length=35), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("received_online", sa.Integer(), nullable=False),
        sa.Column("received_direct", sa.Integer(), nullable=False),
        sa.Column("received_postal", sa.Integer(), nullable=False),
        sa.Column("early", sa.Integer(), nullable=False),
        sa.Column("on_time", sa.Integer(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("no_deadline", sa.Integer(), nullable=False),
        sa.Column("withdrawn", sa.Integer(), nullable=False),
        sa.Column("stopped", sa.Integer(), nullable=False),
        sa.Column("reception_late", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("unit_code", "day", name=op.f("pk_tally_day")),
    )
    op.create_table(
        "tally_month",
        sa.Column("dimension", sa.String(length=8), nullable=False),
        sa.Column("unit_code", sa.String(length=35), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("received_online", sa.Integer(), nullable=False),
        sa.Column("received_direct", sa.Integer(), nullable=False),
        sa.Column("received_postal", sa.Integer(), nullable=False),
        sa.Column("early", sa.Integer(), nullable=False),
        sa.Column("on_time", sa.Integer(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("no_deadline", sa.Integer(), nullable=False),
        sa.Column("withdrawn", sa.Integer(), nullable=False),
        sa.Column("stopped", sa.Integer(), nullable=False),
        sa.Column("reception_late", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("dimension", "unit_code", "month", "key", name=op.f("pk_tally_month")),
    )
    op.create_table(
        "unit_news",
        sa.Column("unit_code", sa.String(length=35), nullable=False),
        sa.Column("newest_change", models.base.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("unit_code", name=op.f("pk_unit_news")),
    )
    op.create_table(
        "unit",
        sa.Column("code", sa.String(length=35), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=True),
        sa.Column("level", sa.String(length=20), nullable=True),
        sa.Column("parent_code", sa.String(length=35), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("successor_codes", sa.Text(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.CheckConstraint("parent_code <> code", name=op.f("ck_unit_not_its_own_parent")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_unit")),
    )
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unit_parent_code"), ["parent_code"], unique=False)

    op.create_table(
        "dossier",
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("unit_code", sa.String(length=35), nullable=False),
        sa.Column("procedure_code", sa.String(length=64), nullable=False),
        sa.Column("field_key", sa.String(length=300), nullable=True),
        sa.Column("channel", sa.SmallInteger(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("received_at", models.base.Instant(timezone=True), nullable=True),
        sa.Column("due_at", models.base.Instant(timezone=True), nullable=True),
        sa.Column("ended_at", models.base.Instant(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("span", sa.SmallInteger(), nullable=True),
        sa.Column("has_pauses", sa.Boolean(), nullable=False),
        sa.Column("reception_limit", models.base.Instant(timezone=True), nullable=True),
        sa.Column("changed_at", models.base.Instant(timezone=True), nullable=False),
        sa.Column("known_at", models.base.Instant(timezone=True), nullable=False),
        sa.Column("life", sa.SmallInteger(), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("steps", sa.Text(), nullable=True),
        sa.Column("deadline", sa.Text(), nullable=True),
        sa.Column("warnings", sa.String(length=300), nullable=False),
        sa.CheckConstraint("channel BETWEEN 1 AND 3", name=op.f("ck_dossier_channel")),
        sa.CheckConstraint(
            "ended_at IS NULL OR received_at IS NULL OR ended_at >= received_at",
            name=op.f("ck_dossier_end_order"),
        ),
        sa.CheckConstraint(
            "received_at IS NULL OR (span IS NULL) = (ended_at IS NULL)",
            name=op.f("ck_dossier_closed_has_end"),
        ),
        sa.CheckConstraint("status BETWEEN 1 AND 10", name=op.f("ck_dossier_status")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_dossier_source_id")),
        sa.PrimaryKeyConstraint("source_id", "code", name=op.f("pk_dossier")),
    )
    with op.batch_alter_table("dossier", schema=None) as batch_op:
        batch_op.create_index(
            "ix_dossier_closed",
            ["span", "ended_at", "unit_code"],
            unique=False,
            sqlite_where=sa.text("span IS NOT NULL"),
            postgresql_where=sa.text("span IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_dossier_open",
            ["unit_code", "has_pauses", "received_at", "due_at", "channel", "reception_limit", "field_key", "source_id", "code"],
            unique=False,
            sqlite_where=sa.text("span IS NULL AND received_at IS NOT NULL"),
            postgresql_where=sa.text("span IS NULL AND received_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_dossier_reception",
            ["unit_code"],
            unique=False,
            sqlite_where=sa.text("reception_limit IS NOT NULL"),
            postgresql_where=sa.text("reception_limit IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_dossier_warned",
            ["source_id", "unit_code"],
            unique=False,
            sqlite_where=sa.text("warnings <> ''"),
            postgresql_where=sa.text("warnings <> ''"),
        )

    op.create_table(
        "dossier_version",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("result", sa.String(length=9), nullable=False),
        sa.Column("unit_code", sa.String(length=35), nullable=False),
        sa.Column("changed_at", models.base.Instant(timezone=True), nullable=False),
        sa.Column("known_at", models.base.Instant(timezone=True), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_dossier_version_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier_version")),
    )
    with op.batch_alter_table("dossier_version", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_dossier_version_source_id_code"), ["source_id", "code"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_dossier_version_unit_code_changed_at"), ["unit_code", "changed_at"], unique=False
        )

    op.create_table(
        "national_session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", models.base.Instant(timezone=True), nullable=False),
        sa.Column("expires_at", models.base.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_national_session_source_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_national_session")),
    )
    with op.batch_alter_table("national_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_national_session_expires_at"), ["expires_at"], unique=False)



def downgrade() -> None:
    with op.batch_alter_table("national_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_national_session_expires_at"))

    op.drop_table("national_session")
    with op.batch_alter_table("dossier_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_dossier_version_unit_code_changed_at"))
        batch_op.drop_index(batch_op.f("ix_dossier_version_source_id_code"))

    op.drop_table("dossier_version")
    with op.batch_alter_table("dossier", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_dossier_warned",
            sqlite_where=sa.text("warnings <> ''"),
            postgresql_where=sa.text("warnings <> ''"),
        )
        batch_op.drop_index(
            "ix_dossier_reception",
            sqlite_where=sa.text("reception_limit IS NOT NULL"),
            postgresql_where=sa.text("reception_limit IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_dossier_open",
            sqlite_where=sa.text("span IS NULL AND received_at IS NOT NULL"),
            postgresql_where=sa.text("span IS NULL AND received_at IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_dossier_closed",
            sqlite_where=sa.text("span IS NOT NULL"),
            postgresql_where=sa.text("span IS NOT NULL"),
        )

    op.drop_table("dossier")
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_unit_parent_code"))

    op.drop_table("unit")
    op.drop_table("unit_news")
    op.drop_table("tally_month")
    op.drop_table("tally_day")
    op.drop_table("source_rhythm")
    op.drop_table("source_hour")
    op.drop_table("source")
    op.drop_table("procedure")
    op.drop_table("paused_span")
    op.drop_table("job_run")
    op.drop_table("field")
    op.drop_table("calendar_day")
