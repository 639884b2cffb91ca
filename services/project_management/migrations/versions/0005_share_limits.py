"""Share limits of a call, and the field of an application, which one of them may speak of."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    # Calls and applications that are there have no limits and the call's field: constants, so no row is rewritten.
    op.add_column(
        "calls", sa.Column("portfolio", postgresql.JSONB(), nullable=False, server_default=sa.text("'[]'::jsonb"))
    )
    op.add_column("applications", sa.Column("field", sa.Text(), nullable=False, server_default=""))
