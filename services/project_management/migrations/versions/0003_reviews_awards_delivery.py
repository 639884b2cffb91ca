"""People as heard, assignments, reviews, awards, projects and milestones."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "affiliations",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_name", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("person_id", "version"),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("described", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("fields", postgresql.JSONB(), nullable=False),
        sa.Column("expert", sa.Boolean(), nullable=False),
        sa.Column("review_cap", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "people_experts", "people", ["name", "id"], unique=False, postgresql_where="expert AND subject IS NOT NULL"
    )
    op.create_index("people_subject", "people", ["subject"], unique=False)
    op.create_table(
        "assignments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("call_title", sa.Text(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("cap", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("trace", postgresql.JSONB(), nullable=False),
        sa.Column("gap_task_id", sa.Uuid(), nullable=True),
        sa.Column("decision_task_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("number > 0", name="assignments_number"),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["calls.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("assignments_call", "assignments", ["call_id", "number"], unique=True)
    op.create_table(
        "decisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("trace", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["calls.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("call_id"),
    )
    op.create_table(
        "awards",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("amount_amount", sa.Numeric(18, 2), nullable=False),
        sa.Column("amount_currency", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("mean", sa.Numeric(precision=4, scale=2), nullable=True),
        sa.Column("sd", sa.Numeric(precision=4, scale=2), nullable=True),
        sa.Column("reviews", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("draft_task_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(outcome = 'funded') = (amount_amount > 0)", name="awards_amount"),
        sa.CheckConstraint("outcome IN ('funded', 'reserve', 'declined')", name="awards_outcome"),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
        ),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["calls.id"],
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"],
            ["decisions.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("application_id"),
    )
    op.create_index("awards_call", "awards", ["call_id", "rank"], unique=False)
    op.create_table(
        "projects",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("abstract", sa.Text(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("lead_name", sa.Text(), nullable=False),
        sa.Column("partners", postgresql.JSONB(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("sector", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("amount_amount", sa.Numeric(18, 2), nullable=False),
        sa.Column("amount_currency", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("task_book", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("office_signed_by", sa.Text(), nullable=True),
        sa.Column("office_signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lead_signed_by", sa.Text(), nullable=True),
        sa.Column("lead_signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("grade", sa.Text(), nullable=True),
        sa.Column("grade_reason", sa.Text(), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("office_task_id", sa.Uuid(), nullable=True),
        sa.Column("lead_task_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(state = 'completed') = (grade IS NOT NULL)", name="projects_completed"),
        sa.CheckConstraint("grade IS NULL OR grade IN ('excellent', 'good', 'pass', 'fail')", name="projects_grade"),
        sa.CheckConstraint("label IN ('internal', 'controlled', 'confidential')", name="projects_label"),
        sa.CheckConstraint(
            "state = 'drafted' OR (office_signed_by IS NOT NULL AND lead_signed_by IS NOT NULL)", name="projects_signed"
        ),
        sa.CheckConstraint("state IN ('drafted', 'running', 'completed')", name="projects_state"),
        sa.CheckConstraint("ends_on > starts_on", name="projects_dates"),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
        ),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["calls.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("application_id"),
    )
    op.create_index("projects_lead", "projects", ["lead_id"], unique=False)
    op.create_index("projects_list", "projects", ["created_at", "id"], unique=False)
    op.create_table(
        "reviews",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("application_title", sa.Text(), nullable=False),
        sa.Column("expert_id", sa.Uuid(), nullable=False),
        sa.Column("expert_name", sa.Text(), nullable=False),
        sa.Column("expert_subject", sa.Text(), nullable=False),
        sa.Column("affinity", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("conflict", sa.Boolean(), nullable=False),
        sa.Column("scores", postgresql.JSONB(), nullable=False),
        sa.Column("to_applicant", sa.Text(), nullable=False),
        sa.Column("to_panel", sa.Text(), nullable=False),
        sa.Column("total", sa.Numeric(precision=4, scale=2), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("state <> 'completed' OR total IS NOT NULL", name="reviews_total"),
        sa.CheckConstraint(
            "state IN ('invited', 'accepted', 'scored', 'completed', 'declined', 'withdrawn')", name="reviews_state"
        ),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
        ),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["calls.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("reviews_call", "reviews", ["call_id"], unique=False)
    op.create_index(
        "reviews_one_a_pair",
        "reviews",
        ["application_id", "expert_id"],
        unique=True,
        postgresql_where="state <> 'withdrawn'",
    )
    op.create_index("reviews_reviewer", "reviews", ["expert_subject", "id"], unique=False)
    op.create_table(
        "milestones",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("deliverable", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("tranche_amount", sa.Numeric(18, 2), nullable=False),
        sa.Column("tranche_currency", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("evidence_sha256", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("state <> 'accepted' OR document_id IS NOT NULL", name="milestones_evidence"),
        sa.CheckConstraint(
            "state IN ('pending', 'evidence_submitted', 'returned', 'accepted')", name="milestones_state"
        ),
        sa.CheckConstraint("tranche_amount > 0", name="milestones_tranche"),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("milestones_project", "milestones", ["project_id", "number"], unique=True)
