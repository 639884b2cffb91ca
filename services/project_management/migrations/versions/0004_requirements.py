"""Requirements, what was put forward, experts' opinions, and the calls drafted from them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "requirements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("indicators", postgresql.JSONB(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_name", sa.Text(), nullable=False),
        sa.Column("compiled", sa.Boolean(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("put_forward_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("put_forward_version", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("priority", sa.Text(), nullable=True),
        sa.Column("priority_trace", postgresql.JSONB(), nullable=True),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("task_kind", sa.Text(), nullable=False),
        sa.CheckConstraint("(state = 'merged') = (merged_into_id IS NOT NULL)", name="requirements_merged"),
        sa.CheckConstraint("label IN ('public', 'internal', 'controlled', 'confidential')", name="requirements_label"),
        sa.CheckConstraint("priority IN ('high', 'medium', 'low')", name="requirements_priority"),
        sa.CheckConstraint("stage IN ('research', 'design_finalisation', 'production')", name="requirements_stage"),
        sa.CheckConstraint("state IN ('draft', 'discarded') OR sha256 IS NOT NULL", name="requirements_snapshot"),
        sa.CheckConstraint(
            "state IN ('draft', 'returned', 'put_forward', 'in_consultation', 'prioritised', 'adopted', 'declined', "
            "'merged', 'withdrawn', 'discarded')",
            name="requirements_state",
        ),
        sa.CheckConstraint(
            "urgency IN ('long_term', 'medium_term', 'short_term', 'immediate')", name="requirements_urgency"
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id"],
            ["requirements.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("requirements_list", "requirements", ["created_at", "id"], unique=False)
    op.create_index(
        "requirements_merged_into",
        "requirements",
        ["merged_into_id"],
        unique=False,
        postgresql_where="merged_into_id IS NOT NULL",
    )
    op.create_index("requirements_organisation", "requirements", ["organisation_id"], unique=False)
    op.create_index(
        "requirements_trigram",
        "requirements",
        ["title", "title_zh", "problem"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"title": "gin_trgm_ops", "title_zh": "gin_trgm_ops", "problem": "gin_trgm_ops"},
    )
    op.create_table(
        "requirement_calls",
        sa.Column("requirement_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("adopted_by", sa.Text(), nullable=False),
        sa.Column("adopted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["calls.id"],
        ),
        sa.ForeignKeyConstraint(
            ["requirement_id"],
            ["requirements.id"],
        ),
        sa.PrimaryKeyConstraint("requirement_id", "call_id"),
    )
    op.create_index("requirement_calls_call", "requirement_calls", ["call_id"], unique=False)
    op.create_table(
        "requirement_opinions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requirement_id", sa.Uuid(), nullable=False),
        sa.Column("requirement_title", sa.Text(), nullable=False),
        sa.Column("expert_id", sa.Uuid(), nullable=False),
        sa.Column("expert_name", sa.Text(), nullable=False),
        sa.Column("expert_subject", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("importance", sa.Integer(), nullable=True),
        sa.Column("feasibility", sa.Integer(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "importance BETWEEN 1 AND 5 AND feasibility BETWEEN 1 AND 5", name="requirement_opinions_ratings"
        ),
        sa.CheckConstraint(
            "state <> 'given' OR (importance IS NOT NULL AND feasibility IS NOT NULL)",
            name="requirement_opinions_given",
        ),
        sa.CheckConstraint("state IN ('invited', 'given', 'recused', 'lapsed')", name="requirement_opinions_state"),
        sa.ForeignKeyConstraint(
            ["requirement_id"],
            ["requirements.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "requirement_opinions_expert", "requirement_opinions", ["expert_subject", "requirement_id"], unique=False
    )
    op.create_index(
        "requirement_opinions_one_each", "requirement_opinions", ["requirement_id", "expert_id"], unique=True
    )
    op.create_table(
        "requirement_versions",
        sa.Column("requirement_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("put_forward_by", sa.Text(), nullable=False),
        sa.Column("put_forward_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["requirement_id"],
            ["requirements.id"],
        ),
        sa.PrimaryKeyConstraint("requirement_id", "number"),
    )
