"""Calls and searches that people keep."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.create_table(
        "saved_calls",
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("task_kind", sa.Text(), nullable=False),
        sa.Column("task_title", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_version", sa.Integer(), nullable=False),
        sa.Column("told_state", sa.Text(), nullable=False),
        sa.Column("told_closing", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"]),
        sa.PrimaryKeyConstraint("subject", "call_id"),
    )
    op.create_index("saved_calls_call", "saved_calls", ["call_id"])
    op.create_table(
        "saved_searches",
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("task_kind", sa.Text(), nullable=False),
        sa.Column("task_title", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("phases", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("alert", sa.Boolean(), nullable=False),
        sa.Column("told", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("saved_searches_person", "saved_searches", ["subject", "name"], unique=True)
