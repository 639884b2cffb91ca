"""The office of a closed call in which nobody takes part is asked to close it without an award."""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"


def upgrade() -> None:
    op.add_column("calls", sa.Column("conclusion_task_id", sa.Uuid(), nullable=True))
