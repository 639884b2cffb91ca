"""When an application was checked, beside who checked it: time in that state is told on the dashboard."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    op.add_column("applications", sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        """UPDATE applications a SET checked_at = (
               SELECT max(recorded_at) FROM outbox
               WHERE subject = a.id AND type = 'hechuan.projects.application.checked.v1')
           WHERE checked_by IS NOT NULL"""
    )
