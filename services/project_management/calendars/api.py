"""Calendars for programs: the feed of calls, a person's own, and the address of it."""

from typing import Annotated, Any

from fastapi import Path, Request, Response

from services.project_management.calendars import actions, queries
from services.project_management.calendars.rules import CALLS, FEED, OWN
from services.project_management.calendars.schemas import CalendarAddressRead
from services.project_management.calendars.words import of_calls, of_deadlines
from shared.kernel.actor import Actor
from shared.web.edge import ReadDep, WorkDep, api_room, service_of
from shared.web.i18n import language, set_language

api = api_room("calendars")
ICAL: dict[int | str, dict[str, Any]] = {
    200: {"description": "iCalendar, RFC 5545", "content": {"text/calendar": {"schema": {"type": "string"}}}}
}
Secret = Annotated[str, Path(min_length=40, max_length=60, pattern=r"^[\w-]+$")]


@api.get("/calendars/calls.ics", allow=CALLS, response_class=Response, responses=ICAL)
async def calls_feed(request: Request, read: ReadDep) -> Response:
    """Closing times of released calls; a call that closes later moves in every calendar that follows the feed."""
    content = of_calls(await queries.calls(read), service_of(request).settings.address)
    return Response(content, media_type="text/calendar", headers={"Cache-Control": "private, max-age=300"})


@api.get("/calendars/{calendar_secret}/deadlines.ics", allow=FEED, response_class=Response, responses=ICAL)
async def deadlines_feed(request: Request, read: ReadDep, calendar_secret: Secret) -> Response:
    """What waits for the address's person, as far as they may see it at this moment."""
    service = service_of(request)
    owner = await queries.owner_of(read, calendar_secret)
    access = await service.identity.access.of(owner["subject"])
    actor = Actor(subject=owner["subject"], grants=access.grants(read.now), clearance=access.clearance)
    set_language(owner["language"])
    content = of_deadlines(await queries.deadlines(service.database.reader(actor)), service.settings.address)
    return Response(content, media_type="text/calendar", headers={"Cache-Control": "no-store"})


@api.get("/calendar-address", allow=OWN, response_model=CalendarAddressRead)
async def get_address(request: Request, read: ReadDep, response: Response) -> Any:
    response.headers["Cache-Control"] = "no-store"
    settings = service_of(request).settings
    return await queries.own_address(read, settings.session_secret.get_secret_value(), settings.address)


# The answers say nothing of the address: with an idempotency key they are stored.
@api.post("/calendar-address/renewal", allow=OWN, status_code=204, response_class=Response)
async def make_address(request: Request, work: WorkDep) -> Response:
    """Make an address; one that was there before answers no more."""
    key = service_of(request).settings.session_secret.get_secret_value()
    await actions.make_address(work, key, language())
    return Response(status_code=204)


@api.post("/calendar-address/revocation", allow=OWN, status_code=204, response_class=Response)
async def revoke_address(work: WorkDep) -> Response:
    await actions.revoke_address(work)
    return Response(status_code=204)
