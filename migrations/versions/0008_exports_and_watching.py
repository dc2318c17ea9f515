"""Exports of lists, and alerts about unusual reading.

Revision ID: 0008
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None

CODE12, CODE20, CODE40 = (
    sa.String(length=length).with_variant(sa.String(length=length, collation="C"), "postgresql")
    for length in (12, 20, 40)
)
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema up."""
    op.create_table(
        "export",
        sa.Column("id", KEY, nullable=False),
        sa.Column("code", CODE20, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column(
            "list", CODE20, nullable=False, comment="which list: households, needs, visits …"
        ),
        sa.Column(
            "filters", sa.JSON(), nullable=False, comment="as they stand in the list's address"
        ),
        sa.Column(
            "form",
            sa.Enum("xlsx", "csv", name="form", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column(
            "region_code",
            CODE12,
            nullable=False,
            comment="whose auditors see it: a prefix; empty: the whole city",
        ),
        sa.Column(
            "approval_id", KEY, nullable=True, comment="in clear, by this approval; none: masked"
        ),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "making",
                "ready",
                "taken",
                "failed",
                "stopped",
                "ended",
                name="exportstate",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False, comment="of the file, in bytes"),
        sa.Column("storage_key", CODE40, nullable=True),
        sa.Column(
            "key",
            sa.LargeBinary(),
            nullable=True,
            comment="base64 of the file's own key; goes with the file",
        ),
        sa.Column("error", sa.String(length=120), nullable=True),
        sa.Column("idempotency_key", CODE40, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["approval_id"], ["approval.id"], name=op.f("fk_export_approval_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_export_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export")),
        sa.UniqueConstraint("approval_id", name=op.f("uq_export_approval_id")),
        sa.UniqueConstraint("code", name=op.f("uq_export_code")),
        sa.UniqueConstraint(
            "user_id", "idempotency_key", name=op.f("uq_export_user_id_idempotency_key")
        ),
    )
    op.create_index(op.f("ix_export_state"), "export", ["state"], unique=False)
    op.create_index(op.f("ix_export_user_id_id"), "export", ["user_id", "id"], unique=False)
    op.create_table(
        "reading_alert",
        sa.Column("id", KEY, nullable=False),
        sa.Column("code", CODE20, nullable=False),
        sa.Column("user_id", KEY, nullable=False, comment="who read"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "rule",
            sa.Enum(
                "many",
                "fast",
                "elsewhere",
                "night",
                "handed_over",
                "urgent",
                "brake",
                name="readingrule",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "subject",
            CODE40,
            nullable=False,
            comment="file number, where it is about one file; else empty",
        ),
        sa.Column(
            "region_code", CODE12, nullable=False, comment="whose supervisor is told: a prefix"
        ),
        sa.Column("count", sa.Integer(), nullable=False, comment="files"),
        sa.Column(
            "rows", sa.JSON(), nullable=False, comment="numbers of the audit rows that show it"
        ),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_by_id", KEY, nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "(acknowledged_at IS NULL) = (acknowledged_by_id IS NULL)",
            name=op.f("ck_reading_alert_looked_into_by_one"),
        ),
        sa.ForeignKeyConstraint(
            ["acknowledged_by_id"],
            ["user.id"],
            name=op.f("fk_reading_alert_acknowledged_by_id"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_reading_alert_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading_alert")),
        sa.UniqueConstraint("code", name=op.f("uq_reading_alert_code")),
        sa.UniqueConstraint(
            "user_id",
            "day",
            "rule",
            "subject",
            name=op.f("uq_reading_alert_user_id_day_rule_subject"),
        ),
    )
    op.create_index(
        op.f("ix_reading_alert_region_code_id"),
        "reading_alert",
        ["region_code", "id"],
        unique=False,
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_index(op.f("ix_reading_alert_region_code_id"), table_name="reading_alert")
    op.drop_table("reading_alert")
    op.drop_index(op.f("ix_export_user_id_id"), table_name="export")
    op.drop_index(op.f("ix_export_state"), table_name="export")
    op.drop_table("export")
