"""Facilities for programs."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from services.resource_catalog.facilities import actions, queries
from services.resource_catalog.facilities.rules import KEEP, READ, Kind
from services.resource_catalog.facilities.schemas import (
    Day,
    DayOfSlots,
    FacilityChange,
    FacilityCreate,
    FacilityList,
    FacilityRead,
)
from shared.web.edge import IfMatchDep, Json, ReadDep, WorkDep, api_room, etag
from shared.web.paging import CursorParam, LimitParam, SearchParam

api = api_room("facilities")


@api.get("/facilities", allow=READ, response_model=FacilityList)
async def list_facilities(
    read: ReadDep,
    search: SearchParam = "",
    kind: Annotated[list[Kind] | None, Query()] = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Response:
    kinds = [one.value for one in kind or []]
    page = await queries.facilities(read, search=search, kinds=kinds, cursor=cursor, limit=limit)
    return Json({"items": page.items, "next_cursor": page.next_cursor})


@api.post("/facilities", allow=KEEP, status_code=201, response_model=FacilityRead)
async def register_facility(work: WorkDep, fields: FacilityCreate, response: Response) -> Any:
    facility = await actions.register_facility(work, fields)
    response.headers["Location"] = f"/catalog/api/v1/facilities/{facility.id}"
    response.headers["ETag"] = etag(facility.version)
    return await queries.facility(work, facility.id)


@api.get("/facilities/{facility_id}", allow=READ, response_model=FacilityRead)
async def get_facility(read: ReadDep, facility_id: UUID) -> Response:
    row = await queries.facility(read, facility_id)
    return Json(row, headers={"ETag": etag(row["version"])})


@api.patch("/facilities/{facility_id}", allow=KEEP, response_model=FacilityRead)
async def edit_facility(
    work: WorkDep, facility_id: UUID, fields: FacilityChange, version: IfMatchDep, response: Response
) -> Any:
    """Change a draft; what is left out stays as it is."""
    facility = await actions.edit_facility(work, facility_id, fields, version)
    response.headers["ETag"] = etag(facility.version)
    return await queries.facility(work, facility_id)


@api.post("/facilities/{facility_id}/publication", allow=KEEP, response_model=FacilityRead)
async def publish_facility(work: WorkDep, facility_id: UUID, version: IfMatchDep, response: Response) -> Any:
    facility = await actions.publish_facility(work, facility_id, version)
    response.headers["ETag"] = etag(facility.version)
    return await queries.facility(work, facility_id)


@api.get("/facilities/{facility_id}/slots", allow=READ, response_model=DayOfSlots)
async def list_slots(read: ReadDep, facility_id: UUID, day: Annotated[Day, Query()]) -> Response:
    facility = await queries.facility(read, facility_id)
    slots = await queries.day_of_slots(read, facility, day)
    return Json({"facility_id": facility_id, "day": day, "zone": facility["zone"], "slots": slots})
