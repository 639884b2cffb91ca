"""What other pages show of what was handed in and consented to, in words."""

from typing import Any
from uuid import UUID

from services.project_management.amendments.words import shown
from services.project_management.forms.words import answered
from services.project_management.submissions.queries import since_consent
from services.project_management.submissions.words import LABELS, budgeted
from shared.db.work import Rows


async def consent_beside(rows: Rows, application_id: UUID) -> list[dict[str, Any]]:
    """Next to the question whether a partner consents: what changed since it last did."""
    found = await since_consent(rows, application_id, answered, budgeted)
    return [found | {"changes": shown(found["changes"]), "LABELS": LABELS}]
