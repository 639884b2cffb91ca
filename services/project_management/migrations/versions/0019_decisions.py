"""Decisions become final by approval and public notice; letters are issued for them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"

TERMS = """'{"approvals": [], "notice_days": 0, "letter_scores": "total", "appeal_days": 15}'::jsonb"""


def upgrade() -> None:
    # Decisions that are there are final; there is one a call, so that filling them in takes no time.
    op.add_column("calls", sa.Column("award_terms", postgresql.JSONB(), nullable=False, server_default=sa.text(TERMS)))
    op.add_column("decisions", sa.Column("call_title", sa.Text(), nullable=False, server_default=""))
    op.add_column("decisions", sa.Column("office_id", sa.Uuid(), nullable=True))
    op.add_column("decisions", sa.Column("label", sa.Text(), nullable=False, server_default="internal"))
    op.add_column("decisions", sa.Column("state", sa.Text(), nullable=False, server_default="final"))
    op.add_column("decisions", sa.Column("state_reason", sa.Text(), nullable=False, server_default=""))
    op.add_column("decisions", sa.Column("number", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("decisions", sa.Column("sha256", sa.Text(), nullable=False, server_default=""))
    op.add_column(
        "decisions", sa.Column("approvals", postgresql.JSONB(), nullable=False, server_default=sa.text("'[]'::jsonb"))
    )
    op.add_column("decisions", sa.Column("notice_from", sa.DateTime(timezone=True), nullable=True))
    op.add_column("decisions", sa.Column("notice_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("decisions", sa.Column("final_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("decisions", sa.Column("task_id", sa.Uuid(), nullable=True))
    op.add_column("decisions", sa.Column("task_title", sa.Text(), nullable=False, server_default=""))
    for name, rule in (
        ("decisions_state", "state IN ('in_approval', 'returned', 'in_notice', 'final')"),
        ("decisions_notice", "state <> 'in_notice' OR notice_until IS NOT NULL"),
    ):
        op.create_check_constraint(name, "decisions", rule, postgresql_not_valid=True)
        op.execute(f"ALTER TABLE decisions VALIDATE CONSTRAINT {name}")
    op.execute(
        """UPDATE decisions d SET call_title = c.title, office_id = c.organisation_id, label = c.label,
                  final_at = d.created_at
           FROM calls c WHERE c.id = d.call_id"""
    )
    op.create_table(
        "decision_lists",
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"]),
        sa.PrimaryKeyConstraint("decision_id", "number"),
    )
    op.create_table(
        "objections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("call_title", sa.Text(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("list_number", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("application_title", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("state IN ('lodged', 'withdrawn', 'rejected', 'upheld')", name="objections_state"),
        sa.CheckConstraint("(state IN ('rejected', 'upheld')) = (answered_by IS NOT NULL)", name="objections_answer"),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"]),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("objections_decision", "objections", ["decision_id", "state"])
    op.create_index("objections_subject", "objections", ["subject"])
    op.create_table(
        "letters",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("award_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"]),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("letters_award", "letters", ["award_id", "issued_at"])
    op.create_index("letters_sha256", "letters", ["sha256"])
