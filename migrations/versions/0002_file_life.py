"""The whole life of a file: sections, spans, approvals, twins; no table is rebuilt.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CODE12, CODE20, CODE40 = (
    sa.String(length=length).with_variant(sa.String(length=length, collation="C"), "postgresql")
    for length in (12, 20, 40)
)


def upgrade() -> None:
    """Bring the schema up."""
    op.create_table(
        "approval",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", CODE20, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "class_change",
                "clear_export",
                "erasure",
                "import",
                "minor",
                name="approvalkind",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "approved",
                "refused",
                "withdrawn",
                "used",
                name="approvalstate",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "region_code",
            CODE12,
            nullable=False,
            comment="within whose scope it is decided; a prefix",
        ),
        sa.Column(
            "household_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "subject", CODE40, nullable=False, comment="code or file number of what it is about"
        ),
        sa.Column("wanted", sa.LargeBinary(), nullable=True, comment="JSON of what is asked for"),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column(
            "asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column(
            "ends_on",
            sa.Date(),
            nullable=False,
            comment="the last day on which it can be decided and used",
        ),
        sa.Column("idempotency_key", CODE40, nullable=False),
        sa.ForeignKeyConstraint(["asked_by_id"], ["user.id"], name=op.f("fk_approval_asked_by_id")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["user.id"], name=op.f("fk_approval_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_approval_household_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
        sa.UniqueConstraint("code", name=op.f("uq_approval_code")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_approval_idempotency_key")),
    )
    with op.batch_alter_table("approval", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_approval_asked_by_id_id"), ["asked_by_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_approval_household_id_id"), ["household_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_approval_state_region_code_id"),
            ["state", "region_code", "id"],
            unique=False,
        )

    op.create_table(
        "household_section",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "household_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("kind", CODE20, nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False, comment="JSON {field: value}"),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_household_section_household_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_section")),
        sa.UniqueConstraint(
            "household_id", "kind", name=op.f("uq_household_section_household_id_kind")
        ),
    )
    op.create_table(
        "household_span",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "household_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("region_code", CODE12, nullable=False),
        sa.Column("town_code", CODE12, nullable=False),
        sa.Column("district_code", CODE12, nullable=False),
        sa.Column(
            "category",
            sa.Enum(
                "DB",
                "TK",
                "BY",
                "GX",
                "KJ",
                "CJ",
                "QT",
                name="category",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "tier",
            sa.Enum("weekly", "monthly", "quarterly", name="tier", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "under_review",
                "returned",
                "active",
                "paused",
                "closed",
                "archived",
                "erased",
                name="householdstate",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("member_count", sa.Integer(), nullable=False),
        sa.Column("income_fen", sa.BigInteger(), nullable=False),
        sa.Column("aid_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "until_on IS NULL OR until_on > from_on", name=op.f("ck_household_span_span_has_days")
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_household_span_household_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_span")),
    )
    with op.batch_alter_table("household_span", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_household_span_district_code_household_id"),
            ["district_code", "household_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_household_span_household_id_from_on"),
            ["household_id", "from_on"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_household_span_town_code_household_id"),
            ["town_code", "household_id"],
            unique=False,
        )

    op.create_table(
        "household_twins",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", CODE20, nullable=False),
        sa.Column("first_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "second_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "region_code", CODE12, nullable=False, comment="of the first: whose worker is asked"
        ),
        sa.Column(
            "rule",
            sa.Enum(
                "same_id",
                "old_and_new_id",
                "sounds_alike",
                name="twinrule",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum("open", "different", "merged", name="twinstate", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_household_twins_one_order")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["user.id"], name=op.f("fk_household_twins_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["first_id"], ["household.id"], name=op.f("fk_household_twins_first_id")
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["household.id"], name=op.f("fk_household_twins_second_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_twins")),
        sa.UniqueConstraint("code", name=op.f("uq_household_twins_code")),
        sa.UniqueConstraint(
            "first_id", "second_id", name=op.f("uq_household_twins_first_id_second_id")
        ),
    )
    with op.batch_alter_table("household_twins", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_household_twins_second_id"), ["second_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_household_twins_state_region_code_id"),
            ["state", "region_code", "id"],
            unique=False,
        )

    op.add_column(
        "household",
        sa.Column(
            "tier_rule",
            CODE20,
            nullable=False,
            server_default="",
            comment="the rule that set the tier; workbook, manual: said by somebody, and no rule changes it",
        ),
    )
    op.add_column(
        "household",
        sa.Column(
            "case_stage",
            CODE20,
            nullable=False,
            server_default="",
            comment="case work: 接案 … 结案; empty: none",
        ),
    )
    op.add_column(
        "household",
        sa.Column(
            "class_until",
            sa.Date(),
            nullable=True,
            comment="刚性支出困难: at most twelve months; none: without end",
        ),
    )
    op.add_column(
        "household",
        sa.Column(
            "is_kin",
            sa.Boolean(),
            nullable=False,
            server_default=sa.false(),
            comment="declared near relatives of staff (近亲属备案); a district visits them",
        ),
    )
    op.add_column(
        "household",
        sa.Column(
            "submitted_by_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="user who sent it to review: somebody else approves",
        ),
    )
    op.drop_column("household", "state_reason")
    op.add_column(
        "member",
        sa.Column(
            "alike",
            sa.LargeBinary(),
            nullable=True,
            comment="keyed hash of how the name sounds, birth and village: by which twins are found",
        ),
    )
    op.add_column(
        "member",
        sa.Column(
            "left_on", sa.Date(), nullable=True, comment="died or left the household; still on file"
        ),
    )
    op.create_index(op.f("ix_member_alike"), "member", ["alike"], unique=False)
    # how every file stands now is how it stood since it was filed: nobody kept more
    op.execute(
        "INSERT INTO household_span (household_id, from_on, region_code, town_code, district_code, category, tier, "
        "state, member_count, income_fen, aid_fen) SELECT id, filed_on, region_code, town_code, district_code, "
        "category, tier, state, member_count, income_fen, aid_fen FROM household"
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_index(op.f("ix_member_alike"), table_name="member")
    op.drop_column("member", "left_on")
    op.drop_column("member", "alike")
    op.add_column(
        "household",
        sa.Column("state_reason", sa.String(length=120), nullable=False, server_default=""),
    )
    op.drop_column("household", "submitted_by_id")
    op.drop_column("household", "is_kin")
    op.drop_column("household", "class_until")
    op.drop_column("household", "case_stage")
    op.drop_column("household", "tier_rule")
    with op.batch_alter_table("household_twins", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_household_twins_state_region_code_id"))
        batch_op.drop_index(batch_op.f("ix_household_twins_second_id"))

    op.drop_table("household_twins")
    with op.batch_alter_table("household_span", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_household_span_town_code_household_id"))
        batch_op.drop_index(batch_op.f("ix_household_span_household_id_from_on"))
        batch_op.drop_index(batch_op.f("ix_household_span_district_code_household_id"))

    op.drop_table("household_span")
    op.drop_table("household_section")
    with op.batch_alter_table("approval", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_approval_state_region_code_id"))
        batch_op.drop_index(batch_op.f("ix_approval_household_id_id"))
        batch_op.drop_index(batch_op.f("ix_approval_asked_by_id_id"))

    op.drop_table("approval")
