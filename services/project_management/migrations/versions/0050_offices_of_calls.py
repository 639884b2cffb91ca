"""The release of a call is signed by a chain of offices; calls that name none are signed by a coordinator, as before."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0050"
down_revision = "0049"


def upgrade() -> None:
    for name in ("offices", "signatures"):
        column = sa.Column(name, postgresql.JSONB(none_as_null=True), nullable=False, server_default="[]")
        op.add_column("calls", column)
