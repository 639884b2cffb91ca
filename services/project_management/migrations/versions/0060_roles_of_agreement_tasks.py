"""An agreement knows to which role each of its open tasks was given, so that one can be handed on."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0060"
down_revision = "0059"


def upgrade() -> None:
    op.add_column("agreements", sa.Column("asked", postgresql.JSONB(), server_default="{}", nullable=False))
