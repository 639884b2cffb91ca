"""A bound on the probability of any pair of an assignment; earlier projects found by the people who took part."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    # Assignments that are there drew no lot: a constant, so no row is rewritten.
    op.add_column("assignments", sa.Column("bound", sa.Integer(), nullable=False, server_default="100"))
    op.create_index("earlier_projects_people", "earlier_projects", ["people"], postgresql_using="gin")
