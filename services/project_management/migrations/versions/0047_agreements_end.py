"""Agreements that end with their project, and where it can be seen that the balance of an ended one was paid."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"

_CHECKS = {
    "agreements_state": "state IN ('draft', 'proposed', 'agreed', 'ended')",
    "agreements_number": "state IN ('draft', 'ended') OR number >= 1",
}


def upgrade() -> None:
    for name, holds in _CHECKS.items():
        op.drop_constraint(name, "agreements")
        op.create_check_constraint(name, "agreements", holds, postgresql_not_valid=True)
        op.execute(f"ALTER TABLE agreements VALIDATE CONSTRAINT {name}")
    # A constant, so no row is rewritten.
    op.add_column("terminations", sa.Column("reference", sa.Text(), nullable=False, server_default=""))
