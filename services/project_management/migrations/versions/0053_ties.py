"""What ties experts to applicants: declared relations, inventors named together, the kind of conflict that is decided."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0053"
down_revision = "0052"


def upgrade() -> None:
    op.create_table(
        "declared_relations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("orcid", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('supervised', 'supervised_by', 'close')", name="declared_relations_kind"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("declared_relations_subject", "declared_relations", ["subject"])
    op.create_table(
        "inventions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("inventors", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("inventor_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("disclosed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("inventions_disclosed", "inventions", ["disclosed_at"])
    op.add_column("conflict_decisions", sa.Column("kind", sa.Text(), server_default="", nullable=False))
