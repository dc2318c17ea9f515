"""Imports that are chosen from, approved and undone; search words without a second index.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

CODE20 = sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql")


def columns() -> tuple[sa.Column, ...]:
    """What an import remembers of its own, new each time: a column belongs to one table."""
    return (
        sa.Column(
            "choice",
            sa.JSON(),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="which rows are not taken, what becomes of the files no longer named",
        ),
        sa.Column(
            "touched",
            sa.JSON(),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="what it made and changed, and the last row of every table then: for undoing it",
        ),
        sa.Column(
            "approval",
            CODE20,
            nullable=True,
            comment="code of the request by which a second person lets it in, or back out",
        ),
    )


def upgrade() -> None:
    """Bring the schema up."""
    op.drop_index("ix_search_token_household_id", table_name="search_token")
    for column in columns():
        op.add_column("import_batch", column)


def downgrade() -> None:
    """Take it back."""
    for column in reversed(columns()):
        op.drop_column("import_batch", column.name)
    op.create_index("ix_search_token_household_id", "search_token", ["household_id"])
