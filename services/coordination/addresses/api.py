"""E-mail addresses for programs."""

from uuid import UUID

from fastapi import Request, Response

from services.coordination.addresses import actions, queries
from services.coordination.addresses.rules import KEEP, OWN
from services.coordination.addresses.schemas import AddressCreate, AddressList, AddressRead
from shared.db.work import Rows
from shared.web.edge import Json, ReadDep, WorkDep, api_room, service_of

api = api_room("addresses")


async def _answer(rows: Rows, account_id: UUID | None, status: int = 200) -> Response:
    items = await queries.addresses(rows, account_id) if account_id else []
    found = AddressList(account_id=account_id, items=[AddressRead.model_validate(one) for one in items])
    return Json(found.model_dump(mode="json"), status_code=status)


@api.get("/me/addresses", allow=OWN, response_model=AddressList)
async def own_addresses(read: ReadDep) -> Response:
    """The e-mail addresses by which you are known."""
    return await _answer(read, await queries.own_account_id(read))


@api.get("/accounts/{account_id}/addresses", allow=KEEP, response_model=AddressList)
async def list_addresses(read: ReadDep, account_id: UUID) -> Response:
    await queries.account(read, account_id)
    return await _answer(read, account_id)


@api.post("/accounts/{account_id}/addresses", allow=KEEP, status_code=201, response_model=AddressList)
async def add_address(request: Request, work: WorkDep, account_id: UUID, fields: AddressCreate) -> Response:
    """Note an address; it is not verified and makes two accounts possibly, never certainly, one person."""
    key = service_of(request).settings.address_key.get_secret_value()
    await actions.add_address(work, account_id, fields, key)
    await work.flush()
    return await _answer(work, account_id, 201)


@api.post("/addresses/{address_id}/removal", allow=KEEP, response_model=AddressList)
async def remove_address(request: Request, work: WorkDep, address_id: UUID) -> Response:
    key = service_of(request).settings.address_key.get_secret_value()
    account_id = await actions.remove_address(work, address_id, key)
    await work.flush()
    return await _answer(work, account_id)
