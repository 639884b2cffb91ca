"""round"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "assets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("holder_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.CheckConstraint("label IN ('public', 'internal', 'controlled', 'confidential')", name="assets_label"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("assets_holders", "assets", ["holder_ids"], unique=False, postgresql_using="gin")
    op.create_table(
        "needs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_name", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("project_title", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(18, 2), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("term_months", sa.Integer(), nullable=True),
        sa.Column("security_offered", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=False),
        sa.Column("drafted_by", sa.Text(), nullable=False),
        sa.CheckConstraint("label IN ('internal', 'controlled', 'confidential')", name="needs_label"),
        sa.CheckConstraint("stage IN ('research', 'design_finalisation', 'production')", name="needs_stage"),
        sa.CheckConstraint("state IN ('draft', 'open', 'withdrawn')", name="needs_state"),
        sa.CheckConstraint("amount > 0", name="needs_amount"),
        sa.CheckConstraint("term_months > 0", name="needs_term"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("needs_list", "needs", ["created_at", "id"], unique=False)
    op.create_index("needs_open", "needs", ["id"], unique=False, postgresql_where="state = 'open'")
    op.create_index("needs_organisation", "needs", ["organisation_id"], unique=False)
    op.create_index("needs_project", "needs", ["project_id"], unique=False)
    op.create_table(
        "organisations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("described", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sector", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "paid_tranches",
        sa.Column("milestone_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Numeric(18, 2), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("milestone_id"),
    )
    op.create_index("paid_tranches_project", "paid_tranches", ["project_id"], unique=False)
    op.create_table(
        "products",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("institution_name", sa.Text(), nullable=False),
        sa.Column("stages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("min_amount", sa.Numeric(18, 2), nullable=False),
        sa.Column("max_amount", sa.Numeric(18, 2), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("term_months_min", sa.Integer(), nullable=False),
        sa.Column("term_months_max", sa.Integer(), nullable=False),
        sa.Column("price", sa.Text(), nullable=False),
        sa.Column("regions", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("fields_of_work", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("security_required", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rules", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=False),
        sa.Column("drafted_by", sa.Text(), nullable=False),
        sa.CheckConstraint("label IN ('public', 'internal', 'controlled', 'confidential')", name="products_label"),
        sa.CheckConstraint("state IN ('draft', 'published', 'withdrawn')", name="products_state"),
        sa.CheckConstraint("min_amount > 0 AND min_amount <= max_amount", name="products_amount"),
        sa.CheckConstraint("term_months_min > 0 AND term_months_min <= term_months_max", name="products_term"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("products_institution", "products", ["institution_id"], unique=False)
    op.create_index("products_list", "products", ["created_at", "id"], unique=False)
    op.create_index(
        "products_on_offer", "products", ["valid_until"], unique=False, postgresql_where="state = 'published'"
    )
    op.create_table(
        "projects",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("started", sa.Boolean(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("lead_name", sa.Text(), nullable=False),
        sa.Column("parties", postgresql.JSONB(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("sector", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(18, 2), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint("label IN ('public', 'internal', 'controlled', 'confidential')", name="projects_label"),
        sa.CheckConstraint("state IN ('running', 'completed')", name="projects_state"),
        sa.CheckConstraint("NOT started OR (amount IS NOT NULL AND stage <> '')", name="projects_started"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "matches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("institution_name", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("near_miss", sa.Boolean(), nullable=False),
        sa.Column("trace", postgresql.JSONB(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=False),
        sa.Column("partner_interest_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("partner_note", sa.Text(), nullable=False),
        sa.Column("applicant_interest_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applicant_note", sa.Text(), nullable=False),
        sa.Column("partner_task_id", sa.Uuid(), nullable=True),
        sa.Column("applicant_task_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("label IN ('public', 'internal', 'controlled', 'confidential')", name="matches_label"),
        sa.CheckConstraint("outcome IN ('yes', 'unknown', 'no')", name="matches_outcome"),
        sa.CheckConstraint("state IN ('found', 'interested', 'declined', 'withdrawn')", name="matches_state"),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name="matches_score"),
        sa.ForeignKeyConstraint(
            ["need_id"],
            ["needs.id"],
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["products.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("matches_institution", "matches", ["institution_id", "created_at", "id"], unique=False)
    op.create_index("matches_organisation", "matches", ["organisation_id", "created_at", "id"], unique=False)
    op.create_index("matches_pair", "matches", ["need_id", "product_id"], unique=True)
    op.create_index("matches_product", "matches", ["product_id"], unique=False)
