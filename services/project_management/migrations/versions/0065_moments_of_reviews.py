"""Reviews keep when their reminder is due and from when on they are late: the clock worked both out for every review."""

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"

MOMENTS = """
UPDATE reviews r SET
    overdue_at = CASE r.state WHEN 'invited' THEN r.created_at + t.answer ELSE r.due_at END,
    remind_at = CASE WHEN r.state = 'invited'
                     THEN (SELECT m FROM (VALUES (r.created_at + t.answer - t.ask)) v (m)
                           WHERE r.reminded_at IS NULL OR r.reminded_at < m)
                     ELSE (SELECT min(m) FROM (VALUES (r.due_at - t.before), (r.due_at)) v (m)
                           WHERE r.reminded_at IS NULL OR r.reminded_at < m) END
FROM calls c CROSS JOIN LATERAL (SELECT
    make_interval(days => (c.terms ->> 'answer_days')::int) AS answer,
    make_interval(days => (c.terms ->> 'answer_reminder_days')::int) AS ask,
    make_interval(days => (c.terms ->> 'review_reminder_days')::int) AS before) t
WHERE c.id = r.call_id AND r.state IN ('invited', 'accepted', 'scored')
"""


def upgrade() -> None:
    op.add_column("reviews", sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("reviews", sa.Column("overdue_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(MOMENTS)
    op.create_index("reviews_remind", "reviews", ["remind_at"], postgresql_where=sa.text("remind_at IS NOT NULL"))
    op.create_index(
        "reviews_overdue",
        "reviews",
        ["overdue_at"],
        postgresql_where=sa.text("office_task_id IS NULL AND overdue_at IS NOT NULL"),
    )
    op.create_index("reviews_told", "reviews", ["overdue_at"], postgresql_where=sa.text("office_task_id IS NOT NULL"))
