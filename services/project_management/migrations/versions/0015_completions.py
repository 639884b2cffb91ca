"""Applications that are returned for completion, and those that hand in an earlier one again."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_STATES = "state IN ('draft', 'submitted', 'returned', 'reviewed', 'funded', 'reserve', 'declined', 'withdrawn')"


def upgrade() -> None:
    op.add_column("applications", sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("applications", sa.Column("return_due_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("applications", sa.Column("completion_task_id", sa.Uuid(), nullable=True))
    op.add_column("applications", sa.Column("earlier_id", sa.Uuid(), nullable=True))
    op.drop_constraint("applications_state", "applications")
    op.create_check_constraint("applications_state", "applications", _STATES, postgresql_not_valid=True)
    op.execute("ALTER TABLE applications VALIDATE CONSTRAINT applications_state")
    op.create_index(
        "applications_returned", "applications", ["return_due_at"], postgresql_where=sa.text("state = 'returned'")
    )
