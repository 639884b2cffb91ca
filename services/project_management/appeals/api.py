"""Appeals for programs."""

from typing import Any
from uuid import UUID

from fastapi import Response

from services.project_management.appeals import actions, queries
from services.project_management.appeals.rules import APPEAL, DECIDE, READ
from services.project_management.appeals.schemas import AppealCreate, AppealDecisionCreate, AppealRead
from shared.db.work import Rows
from shared.web.edge import IfMatchDep, ReadDep, WorkDep, api_room, etag

api = api_room("appeals")


@api.post("/awards/{award_id}/appeal", allow=APPEAL, status_code=201, response_model=AppealRead)
async def lodge_appeal(work: WorkDep, award_id: UUID, fields: AppealCreate, response: Response) -> Any:
    """Appeal once against a decision not to fund; refused with the day when the time is over."""
    appeal = await actions.lodge_appeal(work, award_id, fields)
    response.headers["Location"] = f"/projects/api/v1/appeals/{appeal.id}"
    return await _appeal(work, appeal.id, response)


@api.get("/appeals/{appeal_id}", allow=READ, response_model=AppealRead)
async def get_appeal(read: ReadDep, appeal_id: UUID, response: Response) -> Any:
    return await _appeal(read, appeal_id, response)


@api.post("/appeals/{appeal_id}/decision", allow=DECIDE, response_model=AppealRead)
async def decide_appeal(
    work: WorkDep, appeal_id: UUID, fields: AppealDecisionCreate, version: IfMatchDep, response: Response
) -> Any:
    """By a person who had no hand in the decision."""
    await actions.decide_appeal(work, appeal_id, fields, version)
    return await _appeal(work, appeal_id, response)


@api.post("/appeals/{appeal_id}/withdrawal", allow=APPEAL, response_model=AppealRead)
async def withdraw_appeal(work: WorkDep, appeal_id: UUID, version: IfMatchDep, response: Response) -> Any:
    await actions.withdraw_appeal(work, appeal_id, version)
    return await _appeal(work, appeal_id, response)


async def _appeal(rows: Rows, appeal_id: UUID, response: Response) -> dict[str, Any]:
    row = await queries.appeal(rows, appeal_id)
    response.headers["ETag"] = etag(row["version"])
    return row
