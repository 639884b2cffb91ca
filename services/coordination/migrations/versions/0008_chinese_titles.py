"""Things are found by their Chinese titles and names too."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("chain_things", sa.Column("title_zh", sa.Text(), server_default="", nullable=False))
    op.add_column("chain_things", sa.Column("title_zh_version", sa.Integer(), server_default="0", nullable=False))
