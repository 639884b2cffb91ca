"""Whether a thing of the chain was ever known outside its organisations."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("chain_things", sa.Column("known", sa.Boolean(), nullable=False, server_default=sa.false()))
    # What was given up tells no more whether it was a draft; the trail remembers every fact.
    op.execute(
        """UPDATE chain_things t SET known = true
           WHERE t.kind NOT IN ('call', 'application', 'product', 'need')
              OR (t.kind, t.state) IN (('call', 'released'), ('call', 'closed'), ('call', 'deciding'),
                     ('call', 'decided'), ('application', 'submitted'), ('application', 'reviewed'),
                     ('application', 'decided'), ('product', 'published'), ('need', 'open'))
              OR EXISTS (SELECT FROM audit_entries e WHERE e.subject = t.id AND e.type IN (
                     'hechuan.projects.call.released.v1', 'hechuan.projects.application.submitted.v1',
                     'hechuan.finance.product.published.v1', 'hechuan.finance.need.opened.v1'))"""
    )
