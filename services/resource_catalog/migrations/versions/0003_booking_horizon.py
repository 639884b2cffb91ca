"""How far ahead a facility is booked."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    # A constant default: no row is rewritten. Facilities that are there get the usual half year.
    op.add_column("facilities", sa.Column("horizon_days", sa.Integer(), nullable=False, server_default="180"))
