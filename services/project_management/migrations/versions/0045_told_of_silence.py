"""Members of panels are reminded, and the office is told of whoever is overdue, reviewers too."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    op.add_column("evaluation_sheets", sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("evaluation_sheets", sa.Column("office_task_id", sa.Uuid(), nullable=True))
    op.add_column("reviews", sa.Column("office_task_id", sa.Uuid(), nullable=True))
