"""Partners that leave after the submission."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    op.add_column("application_partners", sa.Column("departure_id", sa.Uuid(), nullable=True))
    op.add_column("application_partners", sa.Column("left_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "application_departures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("left_by", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("first_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("successor_id", sa.Uuid(), nullable=True),
        sa.Column("successor_name", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("submitted_amount", sa.Numeric(18, 2), nullable=False),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trace", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'asked', 'replaced', 'taken_over', 'lapsed', 'ended')",
            name="application_departures_state",
        ),
        sa.CheckConstraint(
            "state NOT IN ('replaced', 'taken_over') OR sha256 IS NOT NULL", name="application_departures_record"
        ),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("application_departures_application", "application_departures", ["application_id"])
    op.create_index("application_departures_call", "application_departures", ["call_id"])
    op.create_index(
        "application_departures_due",
        "application_departures",
        ["due_at"],
        postgresql_where=sa.text("state IN ('open', 'asked')"),
    )
    op.create_index(
        "application_departures_one_open",
        "application_departures",
        ["application_id", "organisation_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('open', 'asked')"),
    )
