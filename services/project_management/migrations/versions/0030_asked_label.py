"""The application's own label beside that of its duplicate check."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.add_column(
        "duplicate_checks", sa.Column("application_label", sa.Text(), nullable=False, server_default="confidential")
    )
    op.execute(
        "UPDATE duplicate_checks SET application_label = a.label FROM applications a WHERE a.id = application_id"
    )
