"""Every list that was put forward keeps the signatures under it; the decision has only those of the newest."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.add_column(
        "decision_lists",
        sa.Column("approvals", postgresql.JSONB(none_as_null=True), nullable=False, server_default="[]"),
    )
    op.execute(
        """UPDATE decision_lists l SET approvals = d.approvals
           FROM decisions d WHERE d.id = l.decision_id AND d.number = l.number"""
    )
