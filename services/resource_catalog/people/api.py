"""People for programs."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from services.resource_catalog.people import actions, imports, queries
from services.resource_catalog.people.rules import IMPORT, READ, REGISTER
from services.resource_catalog.people.schemas import (
    AffiliationCreate,
    PersonBatch,
    PersonCreate,
    PersonDetail,
    PersonList,
)
from shared.kernel.batches import BatchResult
from shared.web.edge import IfMatchDep, Json, ReadDep, WorkDep, api_room, etag
from shared.web.paging import CursorParam, LimitParam, SearchParam

api = api_room("people")


@api.get("/people", allow=READ, response_model=PersonList)
async def list_people(
    read: ReadDep,
    search: SearchParam = "",
    expert: Annotated[bool | None, Query(description="Only experts, or only others")] = None,
    organisation_id: UUID | None = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Response:
    page = await queries.people(
        read, search=search, expert=expert, organisation_id=organisation_id, cursor=cursor, limit=limit
    )
    return Json({"items": page.items, "next_cursor": page.next_cursor})


@api.post("/people", allow=REGISTER, status_code=201, response_model=PersonDetail)
async def register_person(work: WorkDep, fields: PersonCreate, response: Response) -> Any:
    person = await actions.register_person(work, fields)
    response.headers["Location"] = f"/catalog/api/v1/people/{person.id}"
    response.headers["ETag"] = etag(person.version)
    return await queries.person(work, person.id)


@api.post("/people/batches", allow=IMPORT, response_model=BatchResult)
async def import_people(work: WorkDep, batch: PersonBatch) -> BatchResult:
    return await imports.import_people(work, batch)


@api.get("/people/{person_id}", allow=READ, response_model=PersonDetail)
async def get_person(read: ReadDep, person_id: UUID) -> Response:
    row = await queries.person(read, person_id)
    return Json(row, headers={"ETag": etag(row["version"])})


@api.post("/people/{person_id}/affiliation", allow=REGISTER, response_model=PersonDetail)
async def change_affiliation(
    work: WorkDep, person_id: UUID, fields: AffiliationCreate, version: IfMatchDep, response: Response
) -> Any:
    person = await actions.change_affiliation(work, person_id, fields, version)
    response.headers["ETag"] = etag(person.version)
    return await queries.person(work, person_id)
