"""Organisations, people, projects as heard, facilities, bookings, achievements."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    # Trusted extensions: the owner of the database may create them. Trigrams find parts of names, in Chinese too;
    # btree_gist lets one constraint compare a facility by = and a time by &&.
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.create_table(
        "organisations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sector", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("credit_code", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("admitted_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state_reason", sa.Text(), nullable=False),
        sa.Column("registered_by", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("source_number", sa.Text(), nullable=True),
        sa.CheckConstraint("sector IN ('civil', 'defence')", name="organisations_sector"),
        sa.CheckConstraint("state IN ('registered', 'admitted', 'suspended')", name="organisations_state"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "organisations_credit_code",
        "organisations",
        ["credit_code"],
        unique=True,
        postgresql_where="credit_code IS NOT NULL",
    )
    op.create_index(
        "organisations_imported_name",
        "organisations",
        [sa.literal_column("lower(name)"), "region"],
        unique=True,
        postgresql_where="source IS NOT NULL AND source_number IS NULL",
    )
    op.create_index("organisations_list", "organisations", ["name", "id"], unique=False)
    op.create_index(
        "organisations_name_region", "organisations", [sa.literal_column("lower(name)"), "region"], unique=False
    )
    op.create_index(
        "organisations_name_trigram",
        "organisations",
        ["name", "name_zh"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops", "name_zh": "gin_trgm_ops"},
    )
    op.create_index(
        "organisations_source",
        "organisations",
        ["source", "source_number"],
        unique=True,
        postgresql_where="source_number IS NOT NULL",
    )
    op.create_table(
        "projects",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("lead_name", sa.Text(), nullable=False),
        sa.Column("organisation_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.CheckConstraint("label IN ('public', 'internal', 'controlled', 'confidential')", name="projects_label"),
        sa.CheckConstraint("state IN ('running', 'completed')", name="projects_state"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("projects_organisations", "projects", ["organisation_ids"], unique=False, postgresql_using="gin")
    op.create_table(
        "achievements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("abstract", sa.Text(), nullable=False),
        sa.Column("trl", sa.Integer(), nullable=False),
        sa.Column("trl_evidence", sa.Text(), nullable=False),
        sa.Column("fields_of_work", postgresql.JSONB(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("maturity", sa.Text(), nullable=False),
        sa.Column("advantage", sa.Text(), nullable=False),
        sa.Column("route_to_market", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("asset_id", sa.Uuid(), nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=False),
        sa.Column("checked_label", sa.Text(), nullable=True),
        sa.Column("checked_sha256", sa.Text(), nullable=True),
        sa.Column("reviewed_by", sa.Text(), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("label IN ('public', 'internal', 'controlled', 'confidential')", name="achievements_label"),
        sa.CheckConstraint(
            "state IN ('draft', 'in_review', 'returned', 'approved', 'released')", name="achievements_state"
        ),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'released') OR (checked_label = label AND reviewed_by <> author)",
            name="achievements_checked_by_another",
        ),
        sa.CheckConstraint("trl BETWEEN 1 AND 9", name="achievements_trl"),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("achievements_list", "achievements", ["title", "id"], unique=False)
    op.create_index("achievements_organisation", "achievements", ["organisation_id"], unique=False)
    op.create_index(
        "achievements_title_trigram",
        "achievements",
        ["title", "title_zh"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"title": "gin_trgm_ops", "title_zh": "gin_trgm_ops"},
    )
    op.create_table(
        "facilities",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("technique", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("opens_at", sa.Time(), nullable=False),
        sa.Column("closes_at", sa.Time(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("slot_minutes", sa.Integer(), nullable=False),
        sa.Column("max_hours", sa.Integer(), nullable=False),
        sa.Column("lead_minutes", sa.Integer(), nullable=False),
        sa.Column("price_amount", sa.Numeric(18, 2), nullable=False),
        sa.Column("price_currency", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("registered_by", sa.Text(), nullable=False),
        sa.CheckConstraint("label IN ('public', 'internal', 'controlled', 'confidential')", name="facilities_label"),
        sa.CheckConstraint("state IN ('draft', 'published')", name="facilities_state"),
        sa.CheckConstraint("opens_at < closes_at", name="facilities_hours"),
        sa.CheckConstraint("price_amount >= 0", name="facilities_price"),
        sa.CheckConstraint("slot_minutes > 0 AND max_hours > 0 AND lead_minutes >= 0", name="facilities_terms"),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("facilities_list", "facilities", ["name", "id"], unique=False)
    op.create_index("facilities_organisation", "facilities", ["organisation_id"], unique=False)
    op.create_table(
        "people",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("orcid", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("fields_of_work", postgresql.JSONB(), nullable=False),
        sa.Column("expert", sa.Boolean(), nullable=False),
        sa.Column("review_cap", sa.Integer(), nullable=False),
        sa.Column("registered_by", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("source_number", sa.Text(), nullable=True),
        sa.CheckConstraint("expert = (review_cap > 0)", name="people_expert_has_cap"),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("people_list", "people", ["name", "id"], unique=False)
    op.create_index(
        "people_name_trigram",
        "people",
        ["name", "name_zh"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops", "name_zh": "gin_trgm_ops"},
    )
    op.create_index("people_orcid", "people", ["orcid"], unique=True, postgresql_where="orcid IS NOT NULL")
    op.create_index("people_organisation", "people", ["organisation_id", "name", "id"], unique=False)
    op.create_index(
        "people_source",
        "people",
        ["source", "source_number"],
        unique=True,
        postgresql_where="source_number IS NOT NULL",
    )
    op.create_index("people_subject", "people", ["subject"], unique=True, postgresql_where="subject IS NOT NULL")
    op.create_table(
        "affiliations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.CheckConstraint("until IS NULL OR until >= since", name="affiliations_order"),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("affiliations_person", "affiliations", ["person_id", "since"], unique=False)
    op.create_index(
        "affiliations_present", "affiliations", ["person_id"], unique=True, postgresql_where="until IS NULL"
    )
    op.create_table(
        "bookings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("project_title", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "during",
            postgresql.TSTZRANGE(),
            sa.Computed("tstzrange(starts_at, ends_at)", persisted=True),
            nullable=True,
        ),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("charge_amount", sa.Numeric(18, 2), nullable=False),
        sa.Column("charge_currency", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=False),
        sa.Column("booked_by", sa.Text(), nullable=False),
        sa.Column("trace", postgresql.JSONB(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("facility_id"), "="),
            (sa.column("during"), "&&"),
            where=sa.text("state = 'confirmed'"),
            using="gist",
            name="bookings_one_at_a_time",
        ),
        sa.CheckConstraint("label IN ('internal', 'controlled', 'confidential')", name="bookings_label"),
        sa.CheckConstraint("state IN ('confirmed', 'cancelled')", name="bookings_state"),
        sa.CheckConstraint("starts_at < ends_at", name="bookings_order"),
        sa.ForeignKeyConstraint(
            ["facility_id"],
            ["facilities.id"],
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("bookings_facility", "bookings", ["facility_id", "starts_at", "id"], unique=False)
    op.create_index("bookings_list", "bookings", ["starts_at", "id"], unique=False)
    op.create_index("bookings_organisation", "bookings", ["organisation_id", "starts_at", "id"], unique=False)
