"""When the service ran and when not; why a call has a version, and which one an applicant has read."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "uptimes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "outages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("outages_list", "outages", ["started_at"])
    op.add_column("call_versions", sa.Column("note", sa.Text(), nullable=False, server_default=""))
    # Calls had one version until now, so it is the one everybody has read.
    op.add_column("applications", sa.Column("call_version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("applications", sa.Column("changes_task_id", sa.Uuid(), nullable=True))
