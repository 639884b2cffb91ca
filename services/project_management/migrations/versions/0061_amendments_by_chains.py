"""An amendment of a released call is signed by every office that signs a release, and each signature is kept.

Those of earlier days were signed by one coordinator: what waits still is, for its coordinator was asked for it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0061"
down_revision = "0060"

ONE_COORDINATOR = """
UPDATE call_amendments SET
    chain = '[{"office": "Coordination office", "role": "coordinator", "organisation_id": null}]',
    signatures = CASE WHEN state <> 'approved' THEN '[]'::jsonb ELSE jsonb_build_array(jsonb_build_object(
        'office', 'Coordination office', 'subject', judged_by, 'note', answer,
        'at', to_char(judged_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'))) END
"""


def upgrade() -> None:
    for name in ("chain", "signatures"):
        column = sa.Column(name, postgresql.JSONB(none_as_null=True), nullable=False, server_default="[]")
        op.add_column("call_amendments", column)
    op.execute(ONE_COORDINATOR)
