"""Budgets of applications by organisation, category and year; what calls say of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0056"
down_revision = "0055"


def upgrade() -> None:
    op.add_column(
        "calls", sa.Column("budget_terms", postgresql.JSONB(), nullable=False, server_default=sa.text("'{}'"))
    )
    op.create_table(
        "cost_sheets",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("answers", postgresql.JSONB(), nullable=False),
        sa.Column("saved_by", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"]),
        sa.PrimaryKeyConstraint("application_id", "section"),
    )
    whole = "00000000-0000-0000-0000-000000000000"
    op.add_column("budget_lines", sa.Column("organisation_id", sa.Uuid(), nullable=False, server_default=whole))
    op.add_column("budget_lines", sa.Column("organisation_name", sa.Text(), nullable=False, server_default=""))
    op.execute(
        "-- squawk-ignore adding-required-field\n"
        "CREATE UNIQUE INDEX budget_lines_by_organisation\n"
        "    ON budget_lines (project_id, organisation_id, category, year)"
    )
    # Some thousand lines: the table is locked for milliseconds.
    op.execute(
        "-- squawk-ignore disallowed-unique-constraint\n"
        "ALTER TABLE budget_lines DROP CONSTRAINT budget_lines_pkey,\n"
        "    ADD CONSTRAINT budget_lines_pkey PRIMARY KEY USING INDEX budget_lines_by_organisation"
    )
