"""A review that was set aside names the kind of conflict, and the office is asked once about what applicants declare.

Calls that were closed when five kinds of conflict came to be looked for keep what held for them, unless they set it.
The mark is none of the terms that are hashed: what was signed stays what it was.
"""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"

BEFORE_TIES = """
UPDATE calls SET terms = terms || '{"ties": false}'
WHERE state IN ('closed', 'deciding', 'decided', 'archived')
  AND terms @> '{"co_applicant_years": 3, "co_inventor_years": 3, "reciprocal_years": 3, "supervision_years": 10,
                 "close_years": 3}'
"""


def upgrade() -> None:
    op.add_column("reviews", sa.Column("conflict_kind", sa.Text(), server_default="", nullable=False))
    op.add_column("assignments", sa.Column("conflict_task_id", sa.Uuid(), nullable=True))
    op.execute(BEFORE_TIES)
