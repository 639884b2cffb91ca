"""Application forms of calls, the answers to them, and whether reviewers know who applies."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column("calls", sa.Column("blindness", sa.Text(), nullable=False, server_default="single"))
    op.add_column("calls", sa.Column("form", postgresql.JSONB(none_as_null=True), nullable=True))
    op.create_check_constraint(
        "calls_blindness", "calls", "blindness IN ('single', 'double')", postgresql_not_valid=True
    )
    op.execute("ALTER TABLE calls VALIDATE CONSTRAINT calls_blindness")
    op.create_table(
        "form_drafts",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("form", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"]),
        sa.PrimaryKeyConstraint("call_id"),
    )
    op.create_table(
        "answer_sheets",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("answers", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("saved_by", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"]),
        sa.PrimaryKeyConstraint("application_id", "section"),
    )
