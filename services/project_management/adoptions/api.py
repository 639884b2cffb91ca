"""Adoptions for programs."""

from fastapi import Response

from services.project_management.adoptions import actions
from services.project_management.adoptions.rules import ADOPT
from services.project_management.adoptions.schemas import AdoptionCreate, AdoptionRead
from services.project_management.calls import queries as calls
from services.project_management.requirements.queries import origins_of_call
from shared.web.edge import Json, WorkDep, api_room, etag

api = api_room("adoptions")


@api.post("/requirements/adoptions", allow=ADOPT, status_code=201, response_model=AdoptionRead)
async def adopt_requirements(work: WorkDep, fields: AdoptionCreate) -> Response:
    """Draft a call from requirements; Location and ETag are the call's."""
    call = await actions.adopt_requirements(work, fields)
    row = await calls.call(work, call.id)
    origins = [origin["id"] for origin in await origins_of_call(work, call.id)]
    headers = {"Location": f"/projects/api/v1/calls/{call.id}", "ETag": etag(row["version"])}
    return Json({"call": row, "requirement_ids": origins}, status_code=201, headers=headers)
