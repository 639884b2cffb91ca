"""A panel may meet again over a ranking after its minutes were closed."""

from alembic import op

revision = "0052"
down_revision = "0051"


def upgrade() -> None:
    op.execute("-- squawk-ignore require-concurrent-index-deletion\nDROP INDEX panels_one")
    op.execute(
        "-- squawk-ignore require-concurrent-index-creation\n"
        "CREATE UNIQUE INDEX panels_one ON panels (call_id) WHERE state IN ('convened', 'in_session')"
    )
