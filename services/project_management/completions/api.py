"""Returning applications, for programs."""

from uuid import UUID

from fastapi import Response

from services.project_management.applications.queries import application
from services.project_management.applications.schemas import ApplicationRead
from services.project_management.completions import actions
from services.project_management.completions.rules import RETURN
from services.project_management.completions.schemas import ReturnCreate
from shared.db.work import Rows
from shared.web.edge import IfMatchDep, Json, WorkDep, api_room, etag

api = api_room("completions")


async def _answer(rows: Rows, application_id: UUID) -> Response:
    row = await application(rows, application_id)
    return Json(row, headers={"ETag": etag(row["version"])})


@api.post("/applications/{application_id}/return", allow=RETURN, response_model=ApplicationRead)
async def return_application(
    work: WorkDep, application_id: UUID, fields: ReturnCreate, version: IfMatchDep
) -> Response:
    await actions.return_application(work, application_id, fields, version)
    return await _answer(work, application_id)


@api.post("/applications/{application_id}/standing", allow=RETURN, response_model=ApplicationRead)
async def let_stand(work: WorkDep, application_id: UUID, version: IfMatchDep) -> Response:
    """Take a returned application as it was handed in, before it is due."""
    await actions.let_stand(work, application_id, version)
    return await _answer(work, application_id)
