"""Which round the decision that stands is of, and why an entry of the ledger was annulled beside the ruling on its appeal."""

import sqlalchemy as sa
from alembic import op

revision = "0072"
down_revision = "0071"


def upgrade() -> None:
    op.add_column("evaluations", sa.Column("decided_round", sa.Integer()))
    op.execute(
        """UPDATE evaluations SET decided_round = CASE
               WHEN earlier -> -1 ? 'stands' THEN (earlier -> -1 ->> 'round')::int ELSE round END
           WHERE state = 'decided'"""
    )
    op.add_column("standing_entries", sa.Column("annulment", sa.Text(), server_default="", nullable=False))
    op.add_column("standing_entries", sa.Column("annulled_by", sa.Text()))
    op.add_column("standing_entries", sa.Column("annulled_at", sa.DateTime(timezone=True)))
