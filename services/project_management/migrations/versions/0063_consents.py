"""What a partner consented to is kept. Of consents of earlier days it is known where it was handed in after them: nothing
is handed in that a partner has not consented to as it stands. Of the others it stays unknown."""

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"

EARLIER = """
INSERT INTO application_consents (id, application_id, organisation_id, consented_at, consented_by, content, sha256)
SELECT gen_random_uuid(), p.application_id, p.organisation_id, last.recorded_at, last.actor, v.content, v.sha256
FROM application_partners p
CROSS JOIN LATERAL (
    SELECT o.recorded_at, o.actor FROM outbox o
    WHERE o.subject = p.application_id AND o.type = 'hechuan.projects.application.partner_answered.v1'
      AND o.data ->> 'decision' = 'consent' AND o.data -> 'partner' ->> 'id' = p.organisation_id::text
    ORDER BY o.recorded_at DESC LIMIT 1) last
LEFT JOIN LATERAL (
    SELECT h.content, h.sha256 FROM application_versions h
    WHERE h.application_id = p.application_id AND h.submitted_at >= last.recorded_at
      AND h.content::jsonb -> 'partners' @> jsonb_build_array(
              jsonb_build_object('id', p.organisation_id::text, 'answer', 'consented'))
    ORDER BY h.number LIMIT 1) v ON true
"""


def upgrade() -> None:
    op.create_table(
        "application_consents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("consented_by", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("given_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "application_consents_partner", "application_consents", ["application_id", "organisation_id", "consented_at"]
    )
    op.execute(EARLIER)
