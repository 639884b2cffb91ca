"""Calls, applications, organisations as heard, and earlier projects."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "calls",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("budget_amount", sa.Numeric(18, 2), nullable=False),
        sa.Column("budget_currency", sa.Text(), nullable=False),
        sa.Column("ceiling_amount", sa.Numeric(18, 2), nullable=False),
        sa.Column("ceiling_currency", sa.Text(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kinds", postgresql.JSONB(), nullable=False),
        sa.Column("regions", postgresql.JSONB(), nullable=False),
        sa.Column("reviewers_per_application", sa.Integer(), nullable=False),
        sa.Column("criteria", postgresql.JSONB(), nullable=False),
        sa.Column("inventor_floor", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_name", sa.Text(), nullable=False),
        sa.Column("drafted_by", sa.Text(), nullable=False),
        sa.Column("signed_off_by", sa.Text(), nullable=True),
        sa.Column("released_version", sa.Integer(), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("signoff_task_id", sa.Uuid(), nullable=True),
        sa.Column("applications", sa.Integer(), nullable=True),
        sa.CheckConstraint("label IN ('public', 'internal', 'controlled', 'confidential')", name="calls_label"),
        sa.CheckConstraint("stage IN ('research', 'design_finalisation', 'production')", name="calls_stage"),
        sa.CheckConstraint(
            "state IN ('draft', 'in_signoff', 'signed_off', 'released', 'closed', 'deciding', 'decided', 'cancelled')",
            name="calls_state",
        ),
        sa.CheckConstraint("ceiling_amount <= budget_amount", name="calls_ceiling_within_budget"),
        sa.CheckConstraint("closes_at > opens_at", name="calls_open_before_closing"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("calls_list", "calls", ["closes_at", "id"], unique=False)
    op.create_index(
        "calls_title_trigram",
        "calls",
        ["title", "title_zh"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"title": "gin_trgm_ops", "title_zh": "gin_trgm_ops"},
    )
    op.create_index("calls_to_close", "calls", ["closes_at"], unique=False, postgresql_where="state = 'released'")
    op.create_table(
        "earlier_projects",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("abstract", sa.Text(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("people", postgresql.JSONB(), nullable=False),
        sa.Column("amount", sa.Numeric(18, 2), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("sorted_on", sa.Date(), nullable=False),
        sa.Column("searched", sa.Text(), nullable=False),
        sa.Column("pairs", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "words",
            postgresql.TSVECTOR(),
            sa.Computed(
                "CASE WHEN left(language, 2) = 'zh' THEN ''::tsvector ELSE to_tsvector('english', title || ' ' || abstract) END",
                persisted=True,
            ),
            nullable=True,
        ),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("earlier_projects_pairs", "earlier_projects", ["pairs"], unique=False, postgresql_using="gin")
    op.create_index("earlier_projects_list", "earlier_projects", ["sorted_on", "id"], unique=False)
    op.create_index(
        "earlier_projects_searched",
        "earlier_projects",
        ["searched"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"searched": "gin_trgm_ops"},
    )
    op.create_index("earlier_projects_source_number", "earlier_projects", ["source", "number"], unique=True)
    op.create_index("earlier_projects_words", "earlier_projects", ["words"], unique=False, postgresql_using="gin")
    op.create_table(
        "organisations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("described", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sector", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("admitted_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("organisations_name", "organisations", ["name", "id"], unique=False)
    op.create_table(
        "applications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("call_title", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("abstract", sa.Text(), nullable=False),
        sa.Column("requested_amount", sa.Numeric(18, 2), nullable=False),
        sa.Column("requested_currency", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("lead_name", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=False),
        sa.Column("drafted_by", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_version", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("eligibility", postgresql.JSONB(), nullable=True),
        sa.Column("checked_by", sa.Text(), nullable=True),
        sa.Column("check_task_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("label IN ('internal', 'controlled', 'confidential')", name="applications_label"),
        sa.CheckConstraint(
            "state = 'draft' OR state = 'withdrawn' OR sha256 IS NOT NULL", name="applications_snapshot"
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'reviewed', 'funded', 'reserve', 'declined', 'withdrawn')",
            name="applications_state",
        ),
        sa.CheckConstraint("requested_amount > 0", name="applications_requested"),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["calls.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("applications_call", "applications", ["call_id", "state"], unique=False)
    op.create_index("applications_lead", "applications", ["lead_id"], unique=False)
    op.create_index("applications_list", "applications", ["created_at", "id"], unique=False)
    op.create_table(
        "call_versions",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("released_by", sa.Text(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["calls.id"],
        ),
        sa.PrimaryKeyConstraint("call_id", "number"),
    )
    op.create_table(
        "application_partners",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("answer IN ('pending', 'consented', 'refused')", name="application_partners_answer"),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
        ),
        sa.PrimaryKeyConstraint("application_id", "organisation_id"),
    )
    op.create_index("application_partners_organisation", "application_partners", ["organisation_id"], unique=False)
    op.create_table(
        "application_versions",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("submitted_by", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
        ),
        sa.PrimaryKeyConstraint("application_id", "number"),
    )
