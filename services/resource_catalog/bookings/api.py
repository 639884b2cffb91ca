"""Bookings for programs."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from services.resource_catalog.bookings import actions, queries
from services.resource_catalog.bookings.calendars import calendar
from services.resource_catalog.bookings.rules import BOOK, CANCEL, FEED, READ, State
from services.resource_catalog.bookings.schemas import (
    SLOT_TAKEN,
    BookingCreate,
    BookingDetail,
    BookingList,
    CancellationCreate,
)
from services.resource_catalog.facilities.queries import facility as facility_of
from shared.web.edge import IfMatchDep, Json, ReadDep, WorkDep, api_room, etag
from shared.web.paging import CursorParam, LimitParam
from shared.web.problems import MEDIA_TYPE

api = api_room("bookings")
TAKEN: dict[int | str, dict[str, Any]] = {
    409: {
        "description": "The time is taken, or the terms do not allow it",
        "content": {MEDIA_TYPE: {"schema": SLOT_TAKEN}},
    }
}


@api.get("/bookings", allow=READ, response_model=BookingList)
async def list_bookings(
    read: ReadDep,
    facility_id: UUID | None = None,
    state: Annotated[list[State] | None, Query()] = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Response:
    states = [one.value for one in state or []]
    page = await queries.bookings(read, facility_id=facility_id, states=states, cursor=cursor, limit=limit)
    return Json({"items": page.items, "next_cursor": page.next_cursor})


@api.post("/bookings", allow=BOOK, status_code=201, response_model=BookingDetail, responses=TAKEN)
async def make_booking(work: WorkDep, fields: BookingCreate, response: Response) -> Any:
    booking = await actions.make_booking(work, fields)
    response.headers["Location"] = f"/catalog/api/v1/bookings/{booking.id}"
    response.headers["ETag"] = etag(booking.version)
    return await queries.booking(work, booking.id)


@api.get("/bookings/{booking_id}", allow=READ, response_model=BookingDetail)
async def get_booking(read: ReadDep, booking_id: UUID) -> Response:
    row = await queries.booking(read, booking_id)
    return Json(row, headers={"ETag": etag(row["version"])})


@api.post("/bookings/{booking_id}/cancellation", allow=CANCEL, response_model=BookingDetail)
async def cancel_booking(
    work: WorkDep, booking_id: UUID, fields: CancellationCreate, version: IfMatchDep, response: Response
) -> Any:
    booking = await actions.cancel_booking(work, booking_id, fields, version)
    response.headers["ETag"] = etag(booking.version)
    return await queries.booking(work, booking_id)


@api.get(
    "/facilities/{facility_id}/calendar.ics",
    allow=FEED,
    response_class=Response,
    responses={
        200: {"description": "iCalendar, RFC 5545", "content": {"text/calendar": {"schema": {"type": "string"}}}}
    },
)
async def facility_calendar(read: ReadDep, facility_id: UUID) -> Response:
    facility = await facility_of(read, facility_id)
    FEED.require(read.actor, owners={facility["organisation_id"]}, thing="facility")
    return Response(calendar(facility, await queries.feed(read, facility_id)), media_type="text/calendar")
