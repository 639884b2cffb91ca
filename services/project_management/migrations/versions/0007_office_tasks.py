"""Tasks of the office about a call: to release it, and to find its reviewers."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("calls", sa.Column("release_task_id", sa.Uuid(), nullable=True))
    op.add_column("calls", sa.Column("assignment_task_id", sa.Uuid(), nullable=True))
