"""Changes of task books for programs."""

from typing import Any
from uuid import UUID

from fastapi import Response

from services.project_management.changes import actions, queries
from services.project_management.changes.rules import JUDGE, READ, REQUEST
from services.project_management.changes.schemas import (
    ChangeApprovalCreate,
    ChangeCreate,
    ChangeList,
    ChangeRead,
    ChangeReasonCreate,
)
from services.project_management.delivery.queries import project
from shared.db.work import Rows
from shared.web.edge import IfMatchDep, ReadDep, WorkDep, api_room, etag

api = api_room("changes")


async def _change(rows: Rows, change_id: UUID, response: Response) -> Any:
    row = await queries.change(rows, change_id)
    response.headers["ETag"] = etag(row["version"])
    return row


@api.get("/projects/{project_id}/changes", allow=READ, response_model=ChangeList)
async def list_changes(read: ReadDep, project_id: UUID) -> Any:
    await project(read, project_id)
    return {"items": await queries.changes(read, project_id)}


@api.post("/projects/{project_id}/changes", allow=REQUEST, status_code=201, response_model=ChangeRead)
async def request_change(work: WorkDep, project_id: UUID, fields: ChangeCreate, response: Response) -> Any:
    """Ask for a change of scope, time, budget, people or partners; the answer says what would differ."""
    change = await actions.request_change(work, project_id, fields)
    response.headers["Location"] = f"/projects/api/v1/changes/{change.id}"
    return await _change(work, change.id, response)


@api.get("/changes/{change_id}", allow=READ, response_model=ChangeRead)
async def get_change(read: ReadDep, change_id: UUID, response: Response) -> Any:
    return await _change(read, change_id, response)


@api.post("/changes/{change_id}/approval", allow=JUDGE, response_model=ChangeRead)
async def approve_change(
    work: WorkDep, change_id: UUID, fields: ChangeApprovalCreate, version: IfMatchDep, response: Response
) -> Any:
    """Amend the task book; a new version with its SHA-256 follows."""
    await actions.approve_change(work, change_id, fields.note, version)
    return await _change(work, change_id, response)


@api.post("/changes/{change_id}/refusal", allow=JUDGE, response_model=ChangeRead)
async def decline_change(
    work: WorkDep, change_id: UUID, fields: ChangeReasonCreate, version: IfMatchDep, response: Response
) -> Any:
    await actions.decline_change(work, change_id, fields.reason, version)
    return await _change(work, change_id, response)


@api.post("/changes/{change_id}/withdrawal", allow=REQUEST, response_model=ChangeRead)
async def withdraw_change(
    work: WorkDep, change_id: UUID, fields: ChangeReasonCreate, version: IfMatchDep, response: Response
) -> Any:
    await actions.withdraw_change(work, change_id, fields.reason, version)
    return await _change(work, change_id, response)
