"""A call names as numbers what its projects are measured by; those that are there name none."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0058"
down_revision = "0057"


def upgrade() -> None:
    column = sa.Column("indicators", postgresql.JSONB(none_as_null=True), nullable=False, server_default="[]")
    op.add_column("calls", column)
