"""People between households: merged files, the other file of a change, twins seen from both sides.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

CODE12 = sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql")
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema up."""
    op.add_column(
        "household",
        sa.Column(
            "merged_into_id",
            KEY,
            nullable=True,
            comment="the file that carries this household on (合户); this one is archived and keeps its history",
        ),
    )
    op.create_index(
        op.f("ix_household_merged_into_id"), "household", ["merged_into_id"], unique=False
    )
    op.add_column(
        "household_change",
        sa.Column(
            "other_id",
            KEY,
            nullable=True,
            comment="the other file of a move, marriage, split or merge: its history tells the same",
        ),
    )
    op.add_column(
        "household_twins",
        sa.Column(
            "second_region_code",
            CODE12,
            nullable=False,
            server_default="",
            comment="of the second: whose worker is asked, too",
        ),
    )
    op.create_index(
        op.f("ix_household_twins_state_second_region_code_id"),
        "household_twins",
        ["state", "second_region_code", "id"],
        unique=False,
    )
    # the night reads who sounds alike from the index alone
    op.drop_index(op.f("ix_member_alike"), table_name="member")
    op.create_index(
        op.f("ix_member_alike_household_id"), "member", ["alike", "household_id"], unique=False
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_index(op.f("ix_member_alike_household_id"), table_name="member")
    op.create_index(op.f("ix_member_alike"), "member", ["alike"], unique=False)
    op.drop_index(
        op.f("ix_household_twins_state_second_region_code_id"), table_name="household_twins"
    )
    op.drop_column("household_twins", "second_region_code")
    op.drop_column("household_change", "other_id")
    op.drop_index(op.f("ix_household_merged_into_id"), table_name="household")
    op.drop_column("household", "merged_into_id")
