"""Further conditions of a call: sector, running projects, credit standing."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    # Calls that are there ask for none of them: constants, so no row is rewritten.
    op.add_column(
        "calls", sa.Column("sectors", postgresql.JSONB(), nullable=False, server_default=sa.text("'[]'::jsonb"))
    )
    op.add_column("calls", sa.Column("running_per_organisation", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("calls", sa.Column("running_per_person", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("calls", sa.Column("credit", sa.Text(), nullable=False, server_default=""))
    op.create_check_constraint("calls_credit", "calls", "credit IN ('', 'fair', 'good')", postgresql_not_valid=True)
    op.execute("ALTER TABLE calls VALIDATE CONSTRAINT calls_credit")
    op.add_column("organisations", sa.Column("credit", sa.Text(), nullable=False, server_default=""))
