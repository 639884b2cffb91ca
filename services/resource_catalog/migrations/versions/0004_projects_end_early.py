"""Projects that ended before they were delivered."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.drop_constraint("projects_state", "projects")
    op.create_check_constraint(
        "projects_state", "projects", "state IN ('running', 'completed', 'terminated')", postgresql_not_valid=True
    )
    op.execute("ALTER TABLE projects VALIDATE CONSTRAINT projects_state")
