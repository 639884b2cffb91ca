"""Organisations for programs."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from services.resource_catalog.organisations import actions, imports, queries
from services.resource_catalog.organisations.rules import ADMIT, IMPORT, READ, REGISTER, State
from services.resource_catalog.organisations.schemas import (
    AdmissionCreate,
    OrganisationBatch,
    OrganisationChange,
    OrganisationCreate,
    OrganisationList,
    OrganisationRead,
    SuspensionCreate,
)
from shared.kernel.batches import BatchResult
from shared.web.edge import IfMatchDep, Json, ReadDep, WorkDep, api_room, etag
from shared.web.paging import CursorParam, LimitParam, SearchParam

api = api_room("organisations")


@api.get("/organisations", allow=READ, response_model=OrganisationList)
async def list_organisations(
    read: ReadDep,
    search: SearchParam = "",
    state: Annotated[list[State] | None, Query()] = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Response:
    states = [s.value for s in state or []]
    page = await queries.organisations(read, search=search, states=states, cursor=cursor, limit=limit)
    return Json({"items": page.items, "next_cursor": page.next_cursor})


@api.post("/organisations", allow=REGISTER, status_code=201, response_model=OrganisationRead)
async def register_organisation(work: WorkDep, fields: OrganisationCreate, response: Response) -> Any:
    organisation = await actions.register_organisation(work, fields)
    response.headers["Location"] = f"/catalog/api/v1/organisations/{organisation.id}"
    response.headers["ETag"] = etag(organisation.version)
    return organisation


@api.post("/organisations/batches", allow=IMPORT, response_model=BatchResult)
async def import_organisations(work: WorkDep, batch: OrganisationBatch) -> BatchResult:
    return await imports.import_organisations(work, batch)


@api.get("/organisations/{organisation_id}", allow=READ, response_model=OrganisationRead)
async def get_organisation(read: ReadDep, organisation_id: UUID) -> Response:
    row = await queries.organisation(read, organisation_id)
    return Json(row, headers={"ETag": etag(row["version"])})


@api.patch("/organisations/{organisation_id}", allow=REGISTER, response_model=OrganisationRead)
async def correct_organisation(
    work: WorkDep, organisation_id: UUID, fields: OrganisationChange, version: IfMatchDep, response: Response
) -> Any:
    organisation = await actions.correct_organisation(work, organisation_id, fields, version)
    response.headers["ETag"] = etag(organisation.version)
    return organisation


@api.post("/organisations/{organisation_id}/admission", allow=ADMIT, response_model=OrganisationRead)
async def admit_organisation(
    work: WorkDep, organisation_id: UUID, fields: AdmissionCreate, version: IfMatchDep, response: Response
) -> Any:
    organisation = await actions.admit_organisation(work, organisation_id, fields, version)
    response.headers["ETag"] = etag(organisation.version)
    return organisation


@api.post("/organisations/{organisation_id}/suspension", allow=ADMIT, response_model=OrganisationRead)
async def suspend_organisation(
    work: WorkDep, organisation_id: UUID, fields: SuspensionCreate, version: IfMatchDep, response: Response
) -> Any:
    organisation = await actions.suspend_organisation(work, organisation_id, fields, version)
    response.headers["ETag"] = etag(organisation.version)
    return organisation
