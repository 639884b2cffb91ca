"""Bids for programs."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from services.project_management.bids import actions, queries
from services.project_management.bids.rules import BID, MANAGE, OVERSEE
from services.project_management.bids.schemas import (
    BiddingCreate,
    BiddingRead,
    BidsUpdate,
    DueTimeUpdate,
    MyBiddingList,
    MyBiddingRead,
)
from shared.db.work import Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_
from shared.web.edge import IfMatchDep, ReadDep, WorkDep, api_room, etag
from shared.web.paging import CursorParam, LimitParam

api = api_room("bids")


@api.get("/calls/{call_id}/bidding", allow=OVERSEE, response_model=BiddingRead)
async def get_bidding(read: ReadDep, call_id: UUID, response: Response) -> Any:
    """How far the bidding of a call is."""
    return await _bidding(read, call_id, response)


@api.post("/calls/{call_id}/bidding", allow=MANAGE, status_code=201, response_model=BiddingRead)
async def open_bidding(work: WorkDep, call_id: UUID, fields: BiddingCreate, response: Response) -> Any:
    """Ask experts what they would review; also again, after it was closed."""
    await actions.open_bidding(work, call_id, fields)
    response.headers["Location"] = f"/projects/api/v1/calls/{call_id}/bidding"
    return await _bidding(work, call_id, response)


@api.put("/calls/{call_id}/bidding/due-time", allow=MANAGE, response_model=BiddingRead)
async def postpone_bidding(
    work: WorkDep, call_id: UUID, fields: DueTimeUpdate, version: IfMatchDep, response: Response
) -> Any:
    await actions.postpone_bidding(work, call_id, fields, version)
    return await _bidding(work, call_id, response)


@api.post("/calls/{call_id}/bidding/closure", allow=MANAGE, response_model=BiddingRead)
async def close_bidding(work: WorkDep, call_id: UUID, version: IfMatchDep, response: Response) -> Any:
    await actions.close_bidding(work, call_id, version)
    return await _bidding(work, call_id, response)


@api.get("/biddings", allow=BID, response_model=MyBiddingList)
async def my_biddings(read: ReadDep) -> Any:
    """The biddings in which you are asked."""
    return {"items": await queries.mine(read)}


@api.get("/biddings/{bidding_id}", allow=BID, response_model=MyBiddingRead)
async def get_my_bidding(
    read: ReadDep,
    bidding_id: UUID,
    response: Response,
    search: Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")] = "",
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Any:
    """What you may bid on, and what you have bid."""
    return await _mine(read, bidding_id, response, search=search, cursor=cursor, limit=limit)


@api.put("/biddings/{bidding_id}/bids", allow=BID, response_model=MyBiddingRead)
async def place_bids(work: WorkDep, bidding_id: UUID, fields: BidsUpdate, response: Response) -> Any:
    """Bid on some applications, take bids back, or declare conflicts of interest. What is not named stays."""
    await actions.place_bids(work, bidding_id, fields)
    return await _mine(work, bidding_id, response)


@api.post("/biddings/{bidding_id}/completion", allow=BID, response_model=MyBiddingRead)
async def finish_bidding(work: WorkDep, bidding_id: UUID, response: Response) -> Any:
    """Say that you are done; bids can still be changed until the bidding closes."""
    await actions.finish_bidding(work, bidding_id)
    return await _mine(work, bidding_id, response)


async def _bidding(rows: Rows, call_id: UUID, response: Response) -> dict[str, Any]:
    row = await queries.bidding_of(rows, call_id)
    if row is None:
        raise NotFound(N_("No bidding was opened for this call."))
    response.headers["ETag"] = etag(row["version"])
    return row


async def _mine(rows: Rows, bidding_id: UUID, response: Response, **wanted: Any) -> dict[str, Any]:
    row = await queries.my_bidding(rows, bidding_id, **wanted)
    response.headers["ETag"] = etag(row["version"])
    return row
