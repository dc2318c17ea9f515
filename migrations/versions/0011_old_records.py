"""By what records of the old platform are known again.

Revision ID: 0011
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLES = ("visit", "resource_line")
COMMENT = "keyed hash by which a record of the old platform is known again"


def upgrade() -> None:
    """Add the keys; no table is rebuilt, so their uniqueness is an index."""
    for table in TABLES:
        op.add_column(
            table, sa.Column("source_key", sa.LargeBinary(), nullable=True, comment=COMMENT)
        )
        op.create_index(op.f(f"uq_{table}_source_key"), table, ["source_key"], unique=True)


def downgrade() -> None:
    """Take them back."""
    for table in TABLES:
        op.drop_index(op.f(f"uq_{table}_source_key"), table_name=table)
        op.drop_column(table, "source_key")
