"""The office's summary of an application's reviews is issued with a number, as other papers are."""

from alembic import op

revision = "0068"
down_revision = "0067"

KINDS = "kind IN ('report', 'review', 'summary', 'minutes', 'task_book', 'agreement', 'evaluation')"


def upgrade() -> None:
    op.drop_constraint("issued_papers_kind", "issued_papers")
    op.create_check_constraint("issued_papers_kind", "issued_papers", KINDS)
