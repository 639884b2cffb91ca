"""Who consented to take the part of a partner that left is a partner as any other, and is asked for no departure."""

from alembic import op

revision = "0046"
down_revision = "0045"


def upgrade() -> None:
    # One that was asked anew while the application was completed, and could not answer, had consented to what stands.
    op.execute(
        """UPDATE application_partners p
           SET departure_id = NULL, answer = CASE WHEN a.state = 'returned' THEN p.answer ELSE 'consented' END
           FROM application_departures d, applications a
           WHERE d.id = p.departure_id AND d.state = 'replaced' AND d.successor_id = p.organisation_id
             AND a.id = p.application_id"""
    )
