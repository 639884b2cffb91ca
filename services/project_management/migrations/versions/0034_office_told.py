"""The office is told of delays as the lead is."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    op.add_column("milestone_watches", sa.Column("office_task_id", sa.Uuid(), nullable=True))
    op.add_column("milestone_watches", sa.Column("office_task_title", sa.Text(), nullable=False, server_default=""))
    op.add_column("milestone_watches", sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True))
