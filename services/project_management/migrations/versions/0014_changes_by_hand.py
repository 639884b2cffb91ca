"""Decided conflicts; whom a reviewer who declines names instead; when a reviewer was last reminded."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "conflict_decisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("expert_id", sa.Uuid(), nullable=False),
        sa.Column("expert", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("decision IN ('waive', 'confirm', 'enter', 'lift')", name="conflict_decisions_decision"),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"]),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("conflict_decisions_call", "conflict_decisions", ["call_id", "id"], unique=False)
    # Reviews that are there named nobody: a constant, so no row is rewritten.
    op.add_column("reviews", sa.Column("named", sa.Text(), nullable=False, server_default=""))
    op.add_column("reviews", sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True))
