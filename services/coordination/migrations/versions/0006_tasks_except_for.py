"""A task of a role may leave out holders of it who could not do it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column(
        "tasks", sa.Column("except_for", postgresql.ARRAY(sa.Text()), nullable=False, server_default=sa.text("'{}'"))
    )
