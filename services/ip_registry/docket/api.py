"""Deadlines for programs."""

from typing import Any
from uuid import UUID

from fastapi import Response

from services.ip_registry.assets.queries import asset
from services.ip_registry.assets.rules import READ
from services.ip_registry.docket import actions, queries
from services.ip_registry.docket.rules import RECORD
from services.ip_registry.docket.schemas import DeadlineDone, DeadlineList, DeadlineRead
from shared.web.edge import IfMatchDep, Json, ReadDep, WorkDep, api_room, etag

api = api_room("deadlines")


@api.get("/assets/{asset_id}/deadlines", allow=READ, response_model=DeadlineList)
async def list_deadlines(read: ReadDep, asset_id: UUID) -> Response:
    await asset(read, asset_id)  # refuses what may not be seen
    return Json({"items": await queries.deadlines(read, asset_id)})


@api.post("/deadlines/{deadline_id}/completion", allow=RECORD, response_model=DeadlineRead)
async def meet_deadline(
    work: WorkDep, deadline_id: UUID, fields: DeadlineDone, version: IfMatchDep, response: Response
) -> Any:
    """Record that what was due is done."""
    deadline = await actions.meet_deadline(work, deadline_id, fields.note, version)
    response.headers["ETag"] = etag(deadline.version)
    return deadline
