"""Reviews are set aside where a conflict of interest comes to light after the assignment."""

from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.drop_constraint("reviews_state", "reviews")
    op.create_check_constraint(
        "reviews_state",
        "reviews",
        "state IN ('invited', 'accepted', 'scored', 'completed', 'declined', 'set_aside', 'withdrawn')",
        postgresql_not_valid=True,
    )
    op.execute("ALTER TABLE reviews VALIDATE CONSTRAINT reviews_state")
