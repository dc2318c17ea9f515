"""Files opened by form: the key by which a form sent again names the same file.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

CODE40 = sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql")


def upgrade() -> None:
    """Bring the schema up."""
    op.add_column(
        "household",
        sa.Column(
            "idempotency_key",
            CODE40,
            nullable=True,
            comment="of the form that opened it: sent again, it names the same file",
        ),
    )
    op.create_index(
        "ux_household_opened",
        "household",
        ["created_by_id", "idempotency_key"],
        unique=True,
        postgresql_where=sa.text("idempotency_key IS NOT NULL"),
        sqlite_where=sa.text("idempotency_key IS NOT NULL"),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ux_household_opened", table_name="household")
    op.drop_column("household", "idempotency_key")
