"""Consents as they were signed, refusals, retention and erasure, requests, impact assessments, handovers; no table is rebuilt.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
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
        "erasure",
        sa.Column("id", KEY, nullable=False),
        sa.Column("file_no", CODE20, nullable=False),
        sa.Column("member_code", CODE20, nullable=False, comment="empty: the whole file"),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approval_code", CODE20, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
        sa.UniqueConstraint("file_no", "member_code", name=op.f("uq_erasure_file_no_member_code")),
    )
    op.create_table(
        "handover",
        sa.Column("id", KEY, nullable=False),
        sa.Column("code", CODE20, nullable=False),
        sa.Column("region_code", CODE12, nullable=False, comment="prefix: which files"),
        sa.Column("from_id", KEY, nullable=False),
        sa.Column("to_id", KEY, nullable=False),
        sa.Column("by_id", KEY, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("follow_ups", sa.Integer(), nullable=False),
        sa.Column("drafts", sa.Integer(), nullable=False),
        sa.Column(
            "tasks", sa.Integer(), nullable=False, comment="running ones they are the contact of"
        ),
        sa.Column("idempotency_key", CODE40, nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_handover_by_id")),
        sa.ForeignKeyConstraint(["from_id"], ["user.id"], name=op.f("fk_handover_from_id")),
        sa.ForeignKeyConstraint(["to_id"], ["user.id"], name=op.f("fk_handover_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
        sa.UniqueConstraint("code", name=op.f("uq_handover_code")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_handover_idempotency_key")),
    )
    op.create_index(op.f("ix_handover_from_id_id"), "handover", ["from_id", "id"], unique=False)
    op.create_index(op.f("ix_handover_to_id_id"), "handover", ["to_id", "id"], unique=False)
    op.create_table(
        "impact_assessment",
        sa.Column("id", KEY, nullable=False),
        sa.Column("code", CODE20, nullable=False),
        sa.Column("region_code", CODE12, nullable=False, comment="prefix: whose processing it is"),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column(
            "purpose",
            sa.Text(),
            nullable=False,
            comment="purpose and way: lawful, proper, necessary",
        ),
        sa.Column("risk", sa.Text(), nullable=False, comment="what it may do to the people"),
        sa.Column(
            "measures",
            sa.Text(),
            nullable=False,
            comment="protection, and whether it fits the risk",
        ),
        sa.Column("conclusion", CODE20, nullable=False, comment="go, mend, stop"),
        sa.Column(
            "assessors", sa.String(length=120), nullable=False, comment="who assessed, as they sign"
        ),
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column("recorded_by_id", KEY, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idempotency_key", CODE40, nullable=False),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user.id"], name=op.f("fk_impact_assessment_recorded_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_impact_assessment")),
        sa.UniqueConstraint("code", name=op.f("uq_impact_assessment_code")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_impact_assessment_idempotency_key")),
    )
    op.create_index(
        op.f("ix_impact_assessment_region_code_id"),
        "impact_assessment",
        ["region_code", "id"],
        unique=False,
    )
    op.create_table(
        "retention_period",
        sa.Column("id", KEY, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "closed_file",
                "photo",
                "workbook",
                "audit",
                "provision",
                "assessment",
                name="kept",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("basis", sa.String(length=120), nullable=False, comment="where it was decided"),
        sa.Column("set_by_id", KEY, nullable=True),
        sa.CheckConstraint("months > 0", name=op.f("ck_retention_period_months_positive")),
        sa.ForeignKeyConstraint(
            ["set_by_id"], ["user.id"], name=op.f("fk_retention_period_set_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_period")),
        sa.UniqueConstraint("kind", "valid_from", name=op.f("uq_retention_period_kind_valid_from")),
    )
    op.create_table(
        "consent_refusal",
        sa.Column("id", KEY, nullable=False),
        sa.Column("household_id", KEY, nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "visit",
                "goods",
                "money",
                "service",
                "photo",
                name="purpose",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "recipient",
            sa.Enum("helpers", "charity", name="recipient", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("refused_on", sa.Date(), nullable=False),
        sa.Column("ask_after", sa.Date(), nullable=False),
        sa.Column("recorded_by_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_consent_refusal_household_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user.id"], name=op.f("fk_consent_refusal_recorded_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_refusal")),
    )
    op.create_index(
        op.f("ix_consent_refusal_household_id_ask_after"),
        "consent_refusal",
        ["household_id", "ask_after"],
        unique=False,
    )
    op.create_table(
        "worker_note",
        sa.Column("id", KEY, nullable=False),
        sa.Column("household_id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_worker_note_household_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_worker_note_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker_note")),
        sa.UniqueConstraint(
            "household_id", "user_id", name=op.f("uq_worker_note_household_id_user_id")
        ),
    )
    op.create_table(
        "subject_request",
        sa.Column("id", KEY, nullable=False),
        sa.Column("code", CODE20, nullable=False),
        sa.Column(
            "kind",
            sa.Enum("erase", "correct", "copy", name="requestkind", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column(
            "asker",
            sa.Enum(
                "subject",
                "guardian",
                "kin",
                "retention",
                name="asker",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "ground",
            sa.Enum(
                "",
                "served",
                "withdrawn",
                "unlawful",
                "period",
                "deceased",
                name="ground",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("household_id", KEY, nullable=False),
        sa.Column("region_code", CODE12, nullable=False),
        sa.Column("member_code", CODE20, nullable=False, comment="empty: the whole file"),
        sa.Column("what", CODE20, nullable=False, comment="photos: only these; empty: all"),
        sa.Column("words", sa.LargeBinary(), nullable=True, comment="who asked and what they said"),
        sa.Column(
            "duties",
            sa.JSON(),
            nullable=False,
            comment="legal duties to keep that stand against it",
        ),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False, comment="fifteen working days later"),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "asked",
                "done",
                "refused",
                name="requeststate",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("approval_id", KEY, nullable=True),
        sa.Column("recorded_by_id", KEY, nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("idempotency_key", CODE40, nullable=False),
        sa.ForeignKeyConstraint(
            ["approval_id"], ["approval.id"], name=op.f("fk_subject_request_approval_id")
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_subject_request_household_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user.id"], name=op.f("fk_subject_request_recorded_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subject_request")),
        sa.UniqueConstraint("code", name=op.f("uq_subject_request_code")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_subject_request_idempotency_key")),
    )
    op.create_index(
        op.f("ix_subject_request_approval_id"), "subject_request", ["approval_id"], unique=False
    )
    op.create_index(
        op.f("ix_subject_request_household_id_id"),
        "subject_request",
        ["household_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_subject_request_state_region_code_id"),
        "subject_request",
        ["state", "region_code", "id"],
        unique=False,
    )
    op.add_column(
        "consent",
        sa.Column(
            "recipient_name",
            sa.String(length=120),
            server_default="",
            nullable=False,
            comment="the organisation that was named, and how to reach it",
        ),
    )
    op.add_column(
        "consent",
        sa.Column(
            "terms",
            sa.LargeBinary(),
            nullable=True,
            comment="sealed JSON: guardian, relation, reason, the children it was given for",
        ),
    )
    op.add_column(
        "consent",
        sa.Column(
            "scan_id",
            KEY,
            nullable=True,
            comment="media: the signed page; one page may carry several consents",
        ),
    )
    op.add_column(
        "consent",
        sa.Column(
            "ended",
            sa.Enum(
                "",
                "withdrawn",
                "replaced",
                "erased",
                name="consentend",
                native_enum=False,
                length=20,
            ),
            server_default="",
            nullable=False,
            comment="how it ended before its last day: withdrawn, replaced, erased",
        ),
    )
    op.create_index(op.f("ix_consent_expires_on_id"), "consent", ["expires_on", "id"], unique=False)
    op.add_column(
        "media",
        sa.Column(
            "gone_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when its bytes were erased for good",
        ),
    )
    there = sa.text("gone_at IS NULL")
    op.create_index(
        "ix_media_still_there",
        "media",
        ["kind", "stored_at"],
        unique=False,
        sqlite_where=there,
        postgresql_where=there,
    )
    passed = sa.text("action = 'claim.read_household'")
    op.create_index(
        "ix_audit_row_passed",
        "audit_row",
        ["region_code", "id"],
        unique=False,
        sqlite_where=passed,
        postgresql_where=passed,
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_audit_row_passed", table_name="audit_row")
    op.drop_index("ix_media_still_there", table_name="media")
    op.drop_column("media", "gone_at")
    op.drop_index(op.f("ix_consent_expires_on_id"), table_name="consent")
    op.drop_column("consent", "ended")
    op.drop_column("consent", "scan_id")
    op.drop_column("consent", "terms")
    op.drop_column("consent", "recipient_name")
    op.drop_index(op.f("ix_subject_request_state_region_code_id"), table_name="subject_request")
    op.drop_index(op.f("ix_subject_request_household_id_id"), table_name="subject_request")
    op.drop_index(op.f("ix_subject_request_approval_id"), table_name="subject_request")
    op.drop_table("subject_request")
    op.drop_table("worker_note")
    op.drop_index(op.f("ix_consent_refusal_household_id_ask_after"), table_name="consent_refusal")
    op.drop_table("consent_refusal")
    op.drop_table("retention_period")
    op.drop_index(op.f("ix_impact_assessment_region_code_id"), table_name="impact_assessment")
    op.drop_table("impact_assessment")
    op.drop_index(op.f("ix_handover_to_id_id"), table_name="handover")
    op.drop_index(op.f("ix_handover_from_id_id"), table_name="handover")
    op.drop_table("handover")
    op.drop_table("erasure")
