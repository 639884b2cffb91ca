"""Amendments of released calls by their offices, and until when a request for consent is to be answered."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.create_table(
        "call_amendments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposal", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("judged_by", sa.Text(), nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("call_version", sa.Integer(), nullable=True),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("state IN ('requested', 'approved', 'declined', 'withdrawn')", name="call_amendments_state"),
        sa.CheckConstraint("(state = 'approved') = (call_version IS NOT NULL)", name="call_amendments_version"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "call_amendments_one_waits",
        "call_amendments",
        ["call_id"],
        unique=True,
        postgresql_where="state = 'requested'",
    )
    op.create_index("call_amendments_call", "call_amendments", ["call_id", "id"])
    op.add_column("application_partners", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        """UPDATE application_partners p SET due_at = c.closes_at FROM applications a JOIN calls c ON c.id = a.call_id
           WHERE a.id = p.application_id AND p.task_id IS NOT NULL"""
    )
