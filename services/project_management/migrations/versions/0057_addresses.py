"""Signs of the e-mail addresses of people, as coordination told them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0057"
down_revision = "0056"


def upgrade() -> None:
    op.create_table(
        "person_addresses",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("verified", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("unverified", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("subject"),
    )
