"""The Chinese names that the trail knows already. Of calls released before, the next release or amendment tells it.

Apart from the columns: the trail is long, and adding a column locks out who searches until it is committed.
"""

from alembic import op

revision = "0009"
down_revision = "0008"

KNOWN = """
UPDATE chain_things t SET title_zh = said.name, title_zh_version = said.version
FROM (SELECT DISTINCT ON (e.kind, e.subject) e.kind, e.subject, e.version, e.data::jsonb ->> 'name_zh' AS name
      FROM audit_entries e WHERE e.service = 'catalog' AND e.data::jsonb ? 'name_zh'
      ORDER BY e.kind, e.subject, e.version DESC) said
WHERE (t.kind, t.id) = (said.kind, said.subject)
"""


def upgrade() -> None:
    op.execute(KNOWN)
    op.create_index(
        "chain_things_other", "chain_things", ["title_zh"], postgresql_using="gin",
        postgresql_ops={"title_zh": "gin_trgm_ops"},
    )  # fmt: skip
