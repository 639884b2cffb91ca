"""Secret addresses of personal calendars; only their fingerprints are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.create_table(
        "calendar_addresses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("calendar_addresses_sha256", "calendar_addresses", ["sha256"], unique=True)
    op.create_index(
        "calendar_addresses_current",
        "calendar_addresses",
        ["subject"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
