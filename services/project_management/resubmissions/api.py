"""Handing in again, for programs."""

from uuid import UUID

from fastapi import Response

from services.project_management.applications.queries import application
from services.project_management.applications.schemas import ApplicationRead
from services.project_management.differences import DifferenceRead
from services.project_management.resubmissions import actions, queries
from services.project_management.resubmissions.rules import READ, RESUBMIT
from services.project_management.resubmissions.schemas import EarlierRead, ResubmissionCreate
from shared.web.edge import Json, ReadDep, WorkDep, api_room, etag

api = api_room("resubmissions")


@api.post(
    "/applications/{application_id}/resubmission", allow=RESUBMIT, status_code=201, response_model=ApplicationRead
)
async def resubmit(work: WorkDep, application_id: UUID, fields: ResubmissionCreate) -> Response:
    """A new draft to another call, with text, partners and documents of this one."""
    begun = await actions.resubmit_application(work, application_id, fields)
    row = await application(work, begun.id)
    headers = {"ETag": etag(row["version"]), "Location": f"/projects/api/v1/applications/{begun.id}"}
    return Json(row, status_code=201, headers=headers)


@api.get("/applications/{application_id}/earlier", allow=READ, response_model=EarlierRead)
async def get_earlier(read: ReadDep, application_id: UUID) -> Response:
    """The application that this one hands in again, and what differs from it today."""
    found = await queries.earlier(read, application_id)
    return Json(found | {"changes": [DifferenceRead.of(one).model_dump() for one in found["changes"]]})
