"""People's ORCID iDs, so that two records of one person are known for certain."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.add_column("people", sa.Column("orcid", sa.Text(), nullable=True))
