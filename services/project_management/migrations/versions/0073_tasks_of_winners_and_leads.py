"""Winners are asked to draw up the task book, by a day, and leads to hand in what is complete. Who waits already is asked
by the clock."""

import sqlalchemy as sa
from alembic import op

revision = "0073"
down_revision = "0072"


def upgrade() -> None:
    op.add_column("awards", sa.Column("lead_task_id", sa.Uuid()))
    op.add_column("awards", sa.Column("book_due_at", sa.DateTime(timezone=True)))
    op.add_column("awards", sa.Column("book_remind_at", sa.DateTime(timezone=True)))
    op.execute("UPDATE awards SET book_remind_at = now() WHERE draft_task_id IS NOT NULL")
    op.create_index("awards_book", "awards", ["book_remind_at"], postgresql_where=sa.text("draft_task_id IS NOT NULL"))
    op.add_column("applications", sa.Column("touched", sa.Boolean(), server_default="false", nullable=False))
    op.execute("UPDATE applications SET touched = true WHERE state = 'draft'")
    op.add_column("applications", sa.Column("hand_in_task_id", sa.Uuid()))
    op.add_column("applications", sa.Column("hand_in_due_at", sa.DateTime(timezone=True)))
    op.add_column("applications", sa.Column("hand_in_remind_at", sa.DateTime(timezone=True)))
    op.create_index("applications_touched", "applications", ["id"], postgresql_where=sa.text("touched"))
    op.create_index(
        "applications_remind",
        "applications",
        ["hand_in_remind_at"],
        postgresql_where=sa.text("hand_in_task_id IS NOT NULL"),
    )
