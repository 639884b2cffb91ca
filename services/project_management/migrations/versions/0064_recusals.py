"""Meetings keep who may not judge what. Closed minutes keep those whom they name, with what was declared; the reasons that
were looked for anew at each look are not known any more. Of two members of one name both are kept: rather too little
is shown than too much."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0064"
down_revision = "0063"

OF_MINUTES = """
UPDATE panel_members m SET recused = coalesce(
    (SELECT jsonb_object_agg(i ->> 'application_id', coalesce(m.declared ->> (i ->> 'application_id'), ''))
     FROM jsonb_array_elements(p.content::jsonb -> 'items') i WHERE i -> 'recused' ? m.name), '{}')
FROM panels p WHERE p.id = m.panel_id AND p.state = 'closed'
"""


def upgrade() -> None:
    op.add_column("panel_members", sa.Column("recused", postgresql.JSONB(), nullable=True))
    op.execute(OF_MINUTES)
