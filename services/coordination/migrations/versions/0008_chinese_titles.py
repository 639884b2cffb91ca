"""Things are found by their Chinese titles and names too. Of calls released before, the next fact tells it."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

KNOWN = """
UPDATE chain_things t SET title_zh = said.name, title_zh_version = said.version
FROM (SELECT DISTINCT ON (e.kind, e.subject) e.kind, e.subject, e.version, e.data::jsonb ->> 'name_zh' AS name
      FROM audit_entries e WHERE e.service = 'catalog' AND e.data::jsonb ? 'name_zh'
      ORDER BY e.kind, e.subject, e.version DESC) said
WHERE (t.kind, t.id) = (said.kind, said.subject)
"""


def upgrade() -> None:
    op.add_column("chain_things", sa.Column("title_zh", sa.Text(), server_default="", nullable=False))
    op.add_column("chain_things", sa.Column("title_zh_version", sa.Integer(), server_default="0", nullable=False))
    op.execute(KNOWN)
    op.create_index(
        "chain_things_other", "chain_things", ["title_zh"], postgresql_using="gin",
        postgresql_ops={"title_zh": "gin_trgm_ops"},
    )  # fmt: skip
