"""Indexes for what is looked for most: tasks by skill, visits of a place by the newest.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WITH_SKILL = sa.text("skill != ''")
SKILL = {
    "ix_task_skill": ["is_public", "state", "skill", "due_on", "id"],
    "ix_task_skill_town": ["is_public", "state", "skill", "town_code", "due_on", "id"],
}
PLACES = ("region_code", "town_code", "district_code")


def upgrade() -> None:
    """Bring the schema up."""
    for name, columns in SKILL.items():
        op.create_index(name, "task", columns, sqlite_where=WITH_SKILL, postgresql_where=WITH_SKILL)
    for place in PLACES:
        op.create_index(op.f(f"ix_visit_{place}_id"), "visit", [place, "id"])


def downgrade() -> None:
    """Take it back."""
    for place in PLACES:
        op.drop_index(op.f(f"ix_visit_{place}_id"), table_name="visit")
    for name in SKILL:
        op.drop_index(name, table_name="task")
