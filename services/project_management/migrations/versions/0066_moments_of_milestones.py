"""What the clock asks of milestones has an index for the days it looks ahead, and one for the tasks that are open."""

import sqlalchemy as sa
from alembic import op

revision = "0066"
down_revision = "0065"


def upgrade() -> None:
    op.create_index(
        "milestones_waiting", "milestones", ["due_on"], postgresql_where=sa.text("state IN ('pending', 'returned')")
    )
    op.create_index(
        "milestone_watches_told",
        "milestone_watches",
        ["milestone_id"],
        postgresql_where=sa.text("task_id IS NOT NULL OR office_task_id IS NOT NULL"),
    )
