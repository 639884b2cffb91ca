"""Disclosures for programs."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from services.ip_registry.disclosures import actions, queries
from services.ip_registry.disclosures.rules import FILE, READ, TRIAGE, State
from services.ip_registry.disclosures.schemas import DisclosureCreate, DisclosureList, DisclosureRead, TriageCreate
from shared.web.edge import IfMatchDep, Json, ReadDep, WorkDep, api_room, etag
from shared.web.paging import CursorParam, LimitParam, SearchParam

api = api_room("disclosures")


@api.get("/disclosures", allow=READ, response_model=DisclosureList)
async def list_disclosures(
    read: ReadDep,
    search: SearchParam = "",
    state: Annotated[list[State] | None, Query()] = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Response:
    states = [s.value for s in state or []]
    page = await queries.disclosures(read, search=search, states=states, cursor=cursor, limit=limit)
    return Json({"items": page.items, "next_cursor": page.next_cursor})


@api.post("/disclosures", allow=FILE, status_code=201, response_model=DisclosureRead)
async def file_disclosure(work: WorkDep, fields: DisclosureCreate, response: Response) -> Any:
    disclosure = await actions.file_disclosure(work, fields)
    response.headers["Location"] = f"/ip/api/v1/disclosures/{disclosure.id}"
    response.headers["ETag"] = etag(disclosure.version)
    return disclosure


@api.get("/disclosures/{disclosure_id}", allow=READ, response_model=DisclosureRead)
async def get_disclosure(read: ReadDep, disclosure_id: UUID) -> Response:
    row = await queries.disclosure(read, disclosure_id)
    return Json(row, headers={"ETag": etag(row["version"])})


@api.post("/disclosures/{disclosure_id}/triage", allow=TRIAGE, response_model=DisclosureRead)
async def triage_disclosure(
    work: WorkDep, disclosure_id: UUID, fields: TriageCreate, version: IfMatchDep, response: Response
) -> Any:
    disclosure = await actions.triage_disclosure(work, disclosure_id, fields, version)
    response.headers["ETag"] = etag(disclosure.version)
    return disclosure
