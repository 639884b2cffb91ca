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
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("office", sa.Text(), nullable=True),
        sa.Column("application_number", sa.Text(), nullable=True),
        sa.Column("filed_on", sa.Date(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("disclosure_id", sa.Uuid(), nullable=True),
        sa.Column("inventors", postgresql.JSONB(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("registered_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('patent', 'utility_model', 'design', 'software_copyright', 'plant_variety', 'layout_design', 'trade_mark', 'know_how')",
            name="assets_kind",
        ),
        sa.CheckConstraint("label IN ('public', 'internal', 'controlled', 'confidential')", name="assets_label"),
        sa.CheckConstraint("state IN ('registered', 'lapsed')", name="assets_state"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "assets_application",
        "assets",
        ["office", "application_number"],
        unique=True,
        postgresql_where="application_number IS NOT NULL",
    )
    op.create_index("assets_list", "assets", ["created_at", "id"], unique=False)
    op.create_table(
        "disclosures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("abstract", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_name", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("project_title", sa.Text(), nullable=False),
        sa.Column("inventors", postgresql.JSONB(), nullable=False),
        sa.Column("funding", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("filed_by", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(state = 'triaged') = (outcome IS NOT NULL)", name="disclosures_decided"),
        sa.CheckConstraint("label IN ('public', 'internal', 'controlled', 'confidential')", name="disclosures_label"),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome IN ('protect', 'keep_secret', 'publish', 'release')", name="disclosures_outcome"
        ),
        sa.CheckConstraint("state IN ('filed', 'triaged')", name="disclosures_state"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("disclosures_list", "disclosures", ["created_at", "id"], unique=False)
    op.create_index("disclosures_organisation", "disclosures", ["organisation_id"], unique=False)
    op.create_table(
        "organisations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "patents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("abstract", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("application_number", sa.Text(), nullable=False),
        sa.Column("filed_on", sa.Date(), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("granted_on", sa.Date(), nullable=True),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("applicants", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("inventors", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("ipc", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("patents_ipc", "patents", ["ipc"], unique=False, postgresql_using="gin")
    op.create_index("patents_source", "patents", ["source", "number"], unique=True)
    op.create_index(
        "patents_title",
        "patents",
        ["title"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"title": "gin_trgm_ops"},
    )
    op.create_table(
        "projects",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("lead_name", sa.Text(), nullable=False),
        sa.Column("parties", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint("label IN ('public', 'internal', 'controlled', 'confidential')", name="projects_label"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "asset_holders",
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("numerator", sa.Integer(), nullable=False),
        sa.Column("denominator", sa.Integer(), nullable=False),
        sa.CheckConstraint("numerator > 0 AND denominator >= numerator", name="asset_holders_share"),
        sa.ForeignKeyConstraint(
            ["asset_id"],
            ["assets.id"],
        ),
        sa.PrimaryKeyConstraint("asset_id", "organisation_id", "from_on"),
    )
    op.create_index("asset_holders_organisation", "asset_holders", ["organisation_id"], unique=False)
    op.create_table(
        "deadlines",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("rule_source", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("trigger_on", sa.Date(), nullable=False),
        sa.Column("unshifted_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'met', 'missed')", name="deadlines_state"),
        sa.CheckConstraint("due_on >= unshifted_on", name="deadlines_shift"),
        sa.ForeignKeyConstraint(
            ["asset_id"],
            ["assets.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("deadlines_asset", "deadlines", ["asset_id", "rule"], unique=True)
    op.create_index("deadlines_open", "deadlines", ["due_on"], unique=False, postgresql_where="state = 'open'")
