"""The reward and punishment ledger."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "standing_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_name", sa.Text(), nullable=False),
        sa.Column("leader", sa.Text(), nullable=True),
        sa.Column("leader_name", sa.Text(), nullable=False),
        sa.Column("members", postgresql.JSONB(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("tariff", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("by_rule", sa.Text(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("noticed_by", sa.Text(), nullable=True),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("enforced_by", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("appeal_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("appeal", sa.Text(), nullable=False),
        sa.Column("appealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ruling", sa.Text(), nullable=False),
        sa.Column("ruled_by", sa.Text(), nullable=True),
        sa.Column("ruled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trace", postgresql.JSONB(), nullable=True),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("task_title", sa.Text(), nullable=False),
        sa.Column("task_kind", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('proposed', 'noticed', 'in_force', 'appealed', 'upheld', 'lifted', 'expired', 'withdrawn')",
            name="standing_entries_state",
        ),
        sa.CheckConstraint("subject_kind IN ('organisation', 'team')", name="standing_entries_subject"),
        sa.CheckConstraint("(subject_kind = 'team') = (leader IS NOT NULL)", name="standing_entries_leader"),
        sa.CheckConstraint("label IN ('internal', 'controlled', 'confidential')", name="standing_entries_label"),
        sa.CheckConstraint(
            "state IN ('proposed', 'withdrawn') OR noticed_at IS NOT NULL", name="standing_entries_noticed"
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'noticed', 'withdrawn') OR (starts_on IS NOT NULL AND ends_on > starts_on)",
            name="standing_entries_term",
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("standing_entries_cause", "standing_entries", ["cause"], unique=True)
    op.create_index("standing_entries_organisation", "standing_entries", ["organisation_id"])
    op.create_index("standing_entries_leader", "standing_entries", ["leader"])
    op.create_index("standing_entries_list", "standing_entries", ["created_at", "id"])
