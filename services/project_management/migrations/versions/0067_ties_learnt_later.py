"""What is learnt of people after an assignment is looked at once, and waits for a named officer where it may be a tie.
Addresses that leads write are compared; what was written before is marked when the service starts, for the key is its.
"""

import sqlalchemy as sa
from alembic import op

revision = "0067"
down_revision = "0066"


def upgrade() -> None:
    op.create_table(
        "touched_people",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("touched_people_at", "touched_people", ["touched_at"])
    op.create_table(
        "potential_conflicts",
        sa.Column("application_id", sa.Uuid(), sa.ForeignKey("applications.id"), primary_key=True),
        sa.Column("expert_id", sa.Uuid(), primary_key=True),
        sa.Column("kind", sa.Text(), primary_key=True),
        sa.Column("call_id", sa.Uuid(), sa.ForeignKey("calls.id"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("potential_conflicts_call", "potential_conflicts", ["call_id"])
    for name in ("verified", "unverified"):
        op.create_index(f"person_addresses_{name}", "person_addresses", [name], postgresql_using="gin")
    op.add_column("application_members", sa.Column("address_mark", sa.Text(), server_default="", nullable=False))
    op.create_index(
        "application_members_written", "application_members", ["id"], postgresql_where=sa.text("email <> ''")
    )
