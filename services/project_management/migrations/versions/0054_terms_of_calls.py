"""A call sets the days and rules of what comes after it; the calls that are there have what held for all before."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0054"
down_revision = "0053"

TERMS = """'{"answer_days": 7, "answer_reminder_days": 2, "review_days": 21, "review_reminder_days": 3,
"completion_days": 30, "milestone_reminder_days": [30, 14, 7, 1], "explanation_days": 14, "former_employer_years": 3,
"co_applicant_years": 3, "co_inventor_years": 3, "reciprocal_years": 3, "supervision_years": 10, "close_years": 3,
"lead_ownership": "", "lead_income": "", "disposal": "joint", "exploitation": "all", "publication_days": 30,
"publication_terms": ""}'::jsonb"""


def upgrade() -> None:
    column = sa.Column("terms", postgresql.JSONB(none_as_null=True), nullable=False, server_default=sa.text(TERMS))
    op.add_column("calls", column)
