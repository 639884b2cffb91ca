"""Excusing members of panels, for programs."""

from typing import Any
from uuid import UUID

from fastapi import Response

from services.project_management.evaluations import queries
from services.project_management.evaluations.schemas import EvaluationRead
from services.project_management.excuses import actions
from services.project_management.excuses.rules import EXCUSE
from services.project_management.excuses.schemas import ExcuseCreate
from shared.web.edge import IfMatchDep, WorkDep, api_room, etag

api = api_room("excuses")


@api.post("/evaluation-sheets/{sheet_id}/excuse", allow=EXCUSE, response_model=EvaluationRead)
async def excuse_member(
    work: WorkDep, sheet_id: UUID, fields: ExcuseCreate, version: IfMatchDep, response: Response
) -> Any:
    """Wait for this member no longer. The rest judge where they are enough; else another is appointed."""
    sheet = await actions.excuse_member(work, sheet_id, fields.reason, version)
    row = await queries.evaluation(work, sheet.evaluation_id)
    response.headers["ETag"] = etag(row["version"])
    return row
