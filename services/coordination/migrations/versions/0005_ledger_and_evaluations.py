"""States of ledger entries in the chain, and who may know of them and of evaluations that were heard before."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("UPDATE chain_things SET known = true WHERE kind = 'evaluation'")
    # The trail remembers every fact; the chain kept no state of these.
    op.execute(
        """UPDATE chain_things t
           SET state = last.now, state_version = last.version,
               known = EXISTS (
                   SELECT FROM audit_entries e
                   WHERE e.subject = t.id AND e.type = 'hechuan.projects.standing.changed.v1'
                     AND e.data::jsonb ->> 'now' NOT IN ('proposed', 'withdrawn'))
           FROM (SELECT DISTINCT ON (subject) subject, version, data::jsonb ->> 'now' AS now FROM audit_entries
                 WHERE type = 'hechuan.projects.standing.changed.v1' ORDER BY subject, version DESC) AS last
           WHERE t.kind = 'standing' AND t.id = last.subject"""
    )
