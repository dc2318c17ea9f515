"""Who decides about a file: its pauses, closings, district visits, age lines, and its papers; no table is rebuilt.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

CODE20, CODE40 = (
    sa.String(length=length).with_variant(sa.String(length=length, collation="C"), "postgresql")
    for length in (20, 40)
)
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SOME = {  # an index over those files alone of which something is true
    "under_review": ("state = 'under_review'", "town_code"),
    "returned": ("state = 'returned'", "town_code"),
    "class_until": ("class_until IS NOT NULL", "class_until"),
    "paused_until": ("paused_until IS NOT NULL", "paused_until"),
    "ages_on": ("ages_on IS NOT NULL", "ages_on"),
}


def upgrade() -> None:
    """Bring the schema up."""
    op.create_table(
        "household_document",
        sa.Column("id", KEY, nullable=False),
        sa.Column("code", CODE20, nullable=False),
        sa.Column("household_id", KEY, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "consent",
                "class",
                "assessment",
                "photo",
                "other",
                name="documentkind",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("dated_on", sa.Date(), nullable=False),
        sa.Column(
            "facts",
            sa.LargeBinary(),
            nullable=False,
            comment="JSON of title, and why it was withdrawn",
        ),
        sa.Column("media_id", KEY, nullable=False),
        sa.Column("added_by_id", KEY, nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by_id", KEY, nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("idempotency_key", CODE40, nullable=False),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)",
            name=op.f("ck_household_document_withdrawn_by_somebody"),
        ),
        sa.ForeignKeyConstraint(
            ["added_by_id"], ["user.id"], name=op.f("fk_household_document_added_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_household_document_household_id")
        ),
        sa.ForeignKeyConstraint(
            ["media_id"], ["media.id"], name=op.f("fk_household_document_media_id")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"], ["user.id"], name=op.f("fk_household_document_withdrawn_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_document")),
        sa.UniqueConstraint("code", name=op.f("uq_household_document_code")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_household_document_idempotency_key")),
    )
    op.create_index(
        op.f("ix_household_document_household_id_id"), "household_document", ["household_id", "id"]
    )
    op.add_column(
        "household",
        sa.Column(
            "kin_visited_on",
            sa.Date(),
            nullable=True,
            comment="the last time the district visited because of that",
        ),
    )
    op.add_column(
        "household",
        sa.Column(
            "paused_until", sa.Date(), nullable=True, comment="the last day of a pause (暂停)"
        ),
    )
    op.add_column(
        "household",
        sa.Column(
            "closing",
            CODE20,
            nullable=False,
            server_default="",
            comment="why the file was closed (结案类型), code",
        ),
    )
    op.add_column(
        "household",
        sa.Column(
            "ages_on",
            sa.Date(),
            nullable=True,
            server_default="2000-01-01",
            comment="the month in which somebody next crosses an age line; a day would be a birthday",
        ),
    )
    for name, (which, column) in SOME.items():
        where = sa.text(which)
        op.create_index(
            f"ix_household_{name}",
            "household",
            [column, "id"],
            sqlite_where=where,
            postgresql_where=where,
        )
    op.create_index(
        "ix_household_kin",
        "household",
        ["district_code", "id"],
        sqlite_where=sa.text("is_kin = 1"),
        postgresql_where=sa.text("is_kin"),
    )


def downgrade() -> None:
    """Take it back."""
    for name in ("kin", *reversed(SOME)):
        op.drop_index(f"ix_household_{name}", table_name="household")
    for name in ("ages_on", "closing", "paused_until", "kin_visited_on"):
        op.drop_column("household", name)
    op.drop_index(op.f("ix_household_document_household_id_id"), table_name="household_document")
    op.drop_table("household_document")
