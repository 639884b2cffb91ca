"""A saved search keeps everything that the list of calls was narrowed by."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0069"
down_revision = "0068"


def upgrade() -> None:
    op.add_column(
        "saved_searches",
        sa.Column("filters", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
    )
