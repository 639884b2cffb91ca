"""The ledger is listed by id; the index on the time of an entry served nobody."""

from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    # It waits for whoever writes at this moment and is done at once; only apart from a transaction is it concurrent.
    op.execute("-- squawk-ignore require-concurrent-index-deletion\nDROP INDEX standing_entries_list")
