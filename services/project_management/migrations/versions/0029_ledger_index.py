"""The ledger is listed by id; the index on the time of an entry served nobody."""

from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.drop_index("standing_entries_list", "standing_entries")
