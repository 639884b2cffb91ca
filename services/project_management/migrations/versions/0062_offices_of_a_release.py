"""A call keeps who signed its release where an amendment names other offices; nobody could name others before."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0062"
down_revision = "0061"


def upgrade() -> None:
    op.add_column("calls", sa.Column("released_offices", postgresql.JSONB(none_as_null=True), nullable=True))
