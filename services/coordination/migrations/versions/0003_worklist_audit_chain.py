"""The worklist, the audit trail with its hash chains, the causal chain, and when people were last here."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("owners", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("correlation_id", sa.Uuid(), nullable=False),
        sa.Column("causation_id", sa.Uuid(), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.CheckConstraint("length(hash) = 64 AND length(previous_hash) = 64", name="audit_entries_hashes"),
        sa.CheckConstraint("position > 0", name="audit_entries_position"),
        sa.PrimaryKeyConstraint("service", "position"),
        sa.UniqueConstraint("event_id"),
    )
    op.create_index("audit_entries_actor", "audit_entries", ["actor", "time"], unique=False)
    op.create_index("audit_entries_correlation", "audit_entries", ["correlation_id"], unique=False)
    op.create_index("audit_entries_subject", "audit_entries", ["subject", "time"], unique=False)
    op.create_index("audit_entries_time", "audit_entries", ["time", "event_id"], unique=False)
    op.create_index(
        "audit_entries_title",
        "audit_entries",
        ["title"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"title": "gin_trgm_ops"},
    )
    op.create_index("audit_entries_type", "audit_entries", ["type", "time"], unique=False)
    op.create_table(
        "audit_heads",
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("service"),
    )
    op.create_table(
        "chain_links",
        sa.Column("from_kind", sa.Text(), nullable=False),
        sa.Column("from_id", sa.Uuid(), nullable=False),
        sa.Column("to_kind", sa.Text(), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("from_kind", "from_id", "to_kind", "to_id"),
    )
    op.create_index("chain_links_up", "chain_links", ["to_kind", "to_id"], unique=False)
    op.create_table(
        "chain_things",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_version", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("owners", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("label IN ('public', 'internal', 'controlled', 'confidential')", name="chain_things_label"),
        sa.PrimaryKeyConstraint("kind", "id"),
    )
    op.create_index("chain_things_at", "chain_things", ["at", "id"], unique=False)
    op.create_index("chain_things_owners", "chain_things", ["owners"], unique=False, postgresql_using="gin")
    op.create_index(
        "chain_things_title",
        "chain_things",
        ["title"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"title": "gin_trgm_ops"},
    )
    op.create_table(
        "tasks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("about_kind", sa.Text(), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=True),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("label IN ('public', 'internal', 'controlled', 'confidential')", name="tasks_label"),
        sa.CheckConstraint("state IN ('open', 'done')", name="tasks_state"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("tasks_role", "tasks", ["role", "organisation_id"], unique=False, postgresql_where="state = 'open'")
    op.create_index("tasks_subject", "tasks", ["subject"], unique=False, postgresql_where="state = 'open'")
    op.create_table(
        "visits",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("subject"),
    )
