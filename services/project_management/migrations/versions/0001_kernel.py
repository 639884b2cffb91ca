"""The kernel's tables: outbox, inbox, parked events, idempotency keys, documents, access."""

from alembic import op

from shared.db.schema import kernel_1

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute(kernel_1())
