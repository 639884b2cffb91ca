"""Consents name every document, tasks of agreements keep the day they are due, searches that fail wait longer each time.
Tasks that are open are due when they were last said to be."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0071"
down_revision = "0070"

DUE = """
UPDATE agreements g SET due = coalesce((
    SELECT jsonb_object_agg(t.key, o.data ->> 'due_at')
    FROM jsonb_each_text(g.tasks) AS t (key, task)
    JOIN outbox o ON o.subject = t.task::uuid AND o.type = 'hechuan.projects.task.assigned.v1'), '{}')
WHERE g.tasks <> '{}'
"""


def upgrade() -> None:
    op.add_column("application_consents", sa.Column("whole", sa.Boolean(), server_default="false", nullable=False))
    op.add_column(
        "agreements",
        sa.Column("due", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
    )
    op.execute(DUE)
    op.add_column("touched_people", sa.Column("failed", sa.Integer(), server_default="0", nullable=False))
