"""Explanations of delays, for programs."""

from typing import Any
from uuid import UUID

from fastapi import Response

from services.project_management.delivery.queries import milestone
from services.project_management.delivery.schemas import MilestoneRead
from services.project_management.lapses import actions
from services.project_management.lapses.rules import EXPLAIN
from services.project_management.lapses.schemas import ExplanationCreate
from shared.web.edge import IfMatchDep, WorkDep, api_room, etag

api = api_room("lapses")


@api.post("/milestones/{milestone_id}/explanation", allow=EXPLAIN, response_model=MilestoneRead)
async def explain_delay(
    work: WorkDep, milestone_id: UUID, fields: ExplanationCreate, version: IfMatchDep, response: Response
) -> Any:
    """Say why a milestone is late. The responses to the delay stay; the office reads the explanation beside them."""
    await actions.explain_delay(work, milestone_id, fields.text, version)
    row = await milestone(work, milestone_id)
    response.headers["ETag"] = etag(row["version"])
    return row
