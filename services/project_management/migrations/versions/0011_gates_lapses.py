"""Acceptance tests and payment gates of milestones, reminders, and responses to delays."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "milestone_lapses",
        sa.Column("milestone_id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("days_late", sa.Integer(), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["milestone_id"],
            ["milestones.id"],
        ),
        sa.PrimaryKeyConstraint("milestone_id", "due_on", "grade"),
    )
    op.create_table(
        "milestone_watches",
        sa.Column("milestone_id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("reminded", sa.Integer(), nullable=True),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("task_title", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["milestone_id"],
            ["milestones.id"],
        ),
        sa.PrimaryKeyConstraint("milestone_id"),
    )
    op.add_column("milestones", sa.Column("test", sa.Text(), nullable=False, server_default=""))
    op.add_column("milestones", sa.Column("findings", sa.Text(), nullable=False, server_default=""))
    op.add_column("milestones", sa.Column("released_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("milestones", sa.Column("gate", postgresql.JSONB(), nullable=True))
    # Until now a tranche was released with the acceptance.
    op.execute("UPDATE milestones SET released_at = judged_at WHERE state = 'accepted'")
