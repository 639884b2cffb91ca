"""The people of an application: who leads it, who works in it."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"


def upgrade() -> None:
    op.create_table(
        "application_members",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("orcid", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_name", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("months", sa.Numeric(5, 1), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("months >= 0", name="application_members_months"),
        sa.CheckConstraint("role IN ('leader', 'member')", name="application_members_role"),
        sa.CheckConstraint("state IN ('named', 'agreed', 'left')", name="application_members_state"),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("application_members_application", "application_members", ["application_id", "position"])
    op.create_index("application_members_subject", "application_members", ["subject"])
    op.create_index("application_members_person", "application_members", ["person_id"])
    op.create_index(
        "application_members_asked",
        "application_members",
        ["application_id"],
        postgresql_where=sa.text("task_id IS NOT NULL"),
    )
    op.add_column("applications", sa.Column("leader", sa.Text(), nullable=True))
    op.execute(
        "-- squawk-ignore require-concurrent-index-creation\n"
        "CREATE INDEX applications_leader ON applications (coalesce(leader, drafted_by))"
    )
    op.execute(
        "-- squawk-ignore require-concurrent-index-creation\n"
        "CREATE INDEX affiliations_organisation ON affiliations (organisation_id)"
    )
