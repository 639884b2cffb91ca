"""Awards that are turned down, offers to the reserve list, and appeals."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.add_column("awards", sa.Column("ahead", sa.Boolean(), nullable=False, server_default="false"))
    op.add_column("decisions", sa.Column("offers_due", sa.Boolean(), nullable=False, server_default="false"))
    op.drop_constraint("awards_outcome", "awards")
    op.create_check_constraint(
        "awards_outcome",
        "awards",
        "outcome IN ('funded', 'reserve', 'declined', 'turned_down')",
        postgresql_not_valid=True,
    )
    op.execute("ALTER TABLE awards VALIDATE CONSTRAINT awards_outcome")
    op.create_table(
        "award_offers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("award_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("owners", postgresql.JSONB(), nullable=False),
        sa.Column("amount", sa.Numeric(18, 2), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trace", postgresql.JSONB(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("state IN ('offered', 'accepted', 'refused', 'lapsed')", name="award_offers_state"),
        sa.ForeignKeyConstraint(["award_id"], ["awards.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("award_offers_award", "award_offers", ["award_id"])
    op.create_index(
        "award_offers_one_open",
        "award_offers",
        ["award_id"],
        unique=True,
        postgresql_where=sa.text("state = 'offered'"),
    )
    op.create_index("award_offers_due", "award_offers", ["until"], postgresql_where=sa.text("state = 'offered'"))
    op.create_table(
        "appeals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("award_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("owners", postgresql.JSONB(), nullable=False),
        sa.Column("letter", sa.Text(), nullable=False),
        sa.Column("grounds", sa.Text(), nullable=False),
        sa.Column("lodged_by", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trace", postgresql.JSONB(), nullable=True),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("state IN ('lodged', 'withdrawn', 'dismissed', 'granted')", name="appeals_state"),
        sa.CheckConstraint("(state IN ('dismissed', 'granted')) = (decided_by IS NOT NULL)", name="appeals_decided"),
        sa.ForeignKeyConstraint(["award_id"], ["awards.id"]),
        sa.UniqueConstraint("award_id"),
        sa.PrimaryKeyConstraint("id"),
    )
