"""A panel may meet again over a ranking after its minutes were closed."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"


def upgrade() -> None:
    op.drop_index("panels_one", table_name="panels")
    running = sa.text("state IN ('convened', 'in_session')")
    op.create_index("panels_one", "panels", ["call_id"], unique=True, postgresql_where=running)
