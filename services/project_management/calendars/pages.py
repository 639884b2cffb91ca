"""Calendars for people: what to subscribe to, and the secret address of one's own."""

from fastapi import Request, Response

from services.project_management.calendars import actions, queries
from services.project_management.calendars.rules import CALLS, OWN
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import read_form
from shared.web.i18n import _, language
from shared.web.pages import redirect

pages = page_room("calendars")
HERE = "/projects/calendars"
FEEDS = {"calls": "opportunities", "awards": "awards"}
"""What other systems collect: our word → its path in CommonGrants."""


@pages.get("/calendars", allow=CALLS)
async def calendars_page(request: Request, read: ReadDep) -> Response:
    service = service_of(request)
    key, address = service.settings.session_secret.get_secret_value(), service.settings.address
    return service.pages.render(
        request,
        "calendars/detail.html",
        feeds={what: f"{address}/projects/api/v1/common-grants/{path}" for what, path in FEEDS.items()},
        calls_url=f"{address}/projects/api/v1/calendars/calls.ics",
        own=await queries.own_address(read, key, address) if read.actor.subject else None,
    )


@pages.post("/calendar-address/renewal", allow=OWN)
async def make_address(request: Request, work: WorkDep) -> Response:
    await read_form(request)
    await actions.make_address(work, service_of(request).settings.session_secret.get_secret_value(), language())
    return redirect(HERE, notice=_("The address is made. Keep it to yourself."))


@pages.post("/calendar-address/revocation", allow=OWN)
async def revoke_address(request: Request, work: WorkDep) -> Response:
    await read_form(request)
    await actions.revoke_address(work)
    return redirect(HERE, notice=_("The address answers no more."))
