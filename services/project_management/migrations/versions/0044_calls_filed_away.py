"""Calls are filed away once everything about them is done."""

from alembic import op

revision = "0044"
down_revision = "0043"

_STATES = "state IN ('draft', 'in_signoff', 'signed_off', 'released', 'closed', 'deciding', 'decided', 'cancelled', 'archived')"


def upgrade() -> None:
    op.drop_constraint("calls_state", "calls")
    op.create_check_constraint("calls_state", "calls", _STATES, postgresql_not_valid=True)
    op.execute("ALTER TABLE calls VALIDATE CONSTRAINT calls_state")
