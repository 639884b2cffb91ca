"""Projects that end early, and task books that are returned before they are signed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0039"
down_revision = "0038"

_CHECKS = {
    ("projects", "projects_state"): "state IN ('drafted', 'returned', 'running', 'completed', 'terminated')",
    ("projects", "projects_signed"): (
        "state NOT IN ('running', 'completed') OR (office_signed_by IS NOT NULL AND lead_signed_by IS NOT NULL)"
    ),
    ("milestones", "milestones_state"): (
        "state IN ('pending', 'evidence_submitted', 'returned', 'accepted', 'undelivered')"
    ),
}


def upgrade() -> None:
    for (table, name), holds in _CHECKS.items():
        op.drop_constraint(name, table)
        op.create_check_constraint(name, table, holds, postgresql_not_valid=True)
        op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")
    op.create_table(
        "terminations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("project_title", sa.Text(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("parties", postgresql.JSONB(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rights", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("answer_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trace", postgresql.JSONB(), nullable=True),
        sa.Column("kept", sa.Numeric(18, 2), nullable=True),
        sa.Column("cleared_by", sa.Text(), nullable=True),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tasks", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint(
            "state IN ('proposed', 'refused', 'withdrawn', 'kept', 'ended', 'settled', 'closed')",
            name="terminations_state",
        ),
        sa.CheckConstraint("way IN ('office', 'agreement')", name="terminations_way"),
        sa.CheckConstraint("state NOT IN ('settled', 'closed') OR trace IS NOT NULL", name="terminations_trace"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("terminations_project", "terminations", ["project_id"])
    op.create_index(
        "terminations_one_open",
        "terminations",
        ["project_id"],
        unique=True,
        postgresql_where="state NOT IN ('refused', 'withdrawn', 'kept')",
    )
