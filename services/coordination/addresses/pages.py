"""E-mail addresses for people."""

from uuid import UUID

from fastapi import Request, Response

from services.coordination.addresses import actions, queries
from services.coordination.addresses.rules import KEEP, Source
from services.coordination.addresses.schemas import AddressCreate
from shared.db.work import Rows
from shared.kernel.errors import Problem
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, parse, read_form
from shared.web.i18n import _, lazy
from shared.web.pages import redirect

pages = page_room("addresses")
SOURCES = {
    Source.PROVIDER.value: lazy("From the sign-in provider"),
    Source.PERSON.value: lazy("Added by the person"),
    Source.ORGANISATION.value: lazy("Added by a representative"),
}


def _key(request: Request) -> str:
    return service_of(request).settings.address_key.get_secret_value()


@pages.get("/access/{account_id}/addresses", allow=KEEP)
async def address_book(request: Request, read: ReadDep, account_id: UUID) -> Response:
    return await _page(request, read, account_id, FormState())


@pages.post("/access/{account_id}/addresses/new", allow=KEEP)
async def add_address(request: Request, work: WorkDep, account_id: UUID) -> Response:
    await queries.account(work, account_id)
    posted = await read_form(request)
    fields = parse(AddressCreate, posted)
    if isinstance(fields, FormState):
        return await _page(request, work, account_id, fields, status=422)
    try:
        await actions.add_address(work, account_id, fields, _key(request))
    except Problem as problem:
        await work.rollback()
        return await _page(request, work, account_id, FormState.refused(posted, problem), status=problem.status)
    return redirect(f"/access/{account_id}/addresses", notice=_("The address is noted, not verified."))


@pages.post("/access/addresses/{address_id}/removal", allow=KEEP)
async def remove_address(request: Request, work: WorkDep, address_id: UUID) -> Response:
    account_id = await actions.remove_address(work, address_id, _key(request))
    return redirect(f"/access/{account_id}/addresses", notice=_("The address is removed."))


async def _page(request: Request, rows: Rows, account_id: UUID, state: FormState, *, status: int = 200) -> Response:
    return service_of(request).pages.render(
        request,
        "addresses/list.html",
        status=status,
        form=state,
        account=await queries.account(rows, account_id),
        addresses=await queries.addresses(rows, account_id),
        SOURCES=SOURCES,
    )
