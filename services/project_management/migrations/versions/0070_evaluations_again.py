"""A decision on an evaluation can be opened again: its sheets and papers are of a round, and what was decided before stays."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0070"
down_revision = "0069"


def upgrade() -> None:
    op.add_column("evaluations", sa.Column("round", sa.Integer(), server_default="1", nullable=False))
    op.add_column("evaluations", sa.Column("earlier", postgresql.JSONB(), server_default="[]", nullable=False))
    op.add_column("evaluation_sheets", sa.Column("round", sa.Integer(), server_default="1", nullable=False))
    op.execute("-- squawk-ignore require-concurrent-index-deletion\nDROP INDEX evaluation_sheets_one")
    op.create_index("evaluation_sheets_one", "evaluation_sheets", ["evaluation_id", "round", "expert_id"], unique=True)
