"""Receipts of submissions; what was handed in before gets one too."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "receipts",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("application_version", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"]),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("receipts_application", "receipts", ["application_id", "application_version"], unique=True)
    op.create_index("receipts_sha256", "receipts", ["sha256"])
    op.create_table(
        "receipt_keys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    # The first twelve digits of a random UUID are random; the number is written as `receipts.rules.number_of` writes it.
    op.execute(
        """INSERT INTO receipts (number, application_id, application_version, call_id, sha256, submitted_at)
           SELECT 'HC-' || upper(substr(r, 1, 4) || '-' || substr(r, 5, 4) || '-' || substr(r, 10, 4)),
                  v.application_id, v.number, a.call_id, v.sha256, v.submitted_at
           FROM application_versions v JOIN applications a ON a.id = v.application_id,
                LATERAL (SELECT gen_random_uuid()::text AS r WHERE v.number IS NOT NULL) AS random"""
    )
