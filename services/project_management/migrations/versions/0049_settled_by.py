"""Who works out the balance of an ended project does not record that it is paid."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"


def upgrade() -> None:
    op.add_column("terminations", sa.Column("settled_by", sa.Text(), nullable=True))
