"""Assets and their deadlines for programs."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.ip_registry.assets import actions, queries
from services.ip_registry.assets.rules import READ, REGISTER, Kind
from services.ip_registry.assets.schemas import AssetCreate, AssetList, AssetRead
from shared.web.edge import Json, ReadDep, WorkDep, api_room, etag
from shared.web.paging import CursorParam, LimitParam, SearchParam

api = api_room("assets")
Day = Annotated[date | None, Query(description="Holders as of this day; today when left out")]


@api.get("/assets", allow=READ, response_model=AssetList)
async def list_assets(
    read: ReadDep,
    search: SearchParam = "",
    kind: Annotated[list[Kind] | None, Query()] = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Response:
    kinds = [k.value for k in kind or []]
    page = await queries.assets(read, search=search, kinds=kinds, cursor=cursor, limit=limit)
    return Json({"items": page.items, "next_cursor": page.next_cursor})


@api.post("/assets", allow=REGISTER, status_code=201, response_model=AssetRead)
async def register_asset(work: WorkDep, fields: AssetCreate) -> Response:
    asset = await actions.register_asset(work, fields)
    row = await queries.asset(work, asset.id)
    headers = {"Location": f"/ip/api/v1/assets/{asset.id}", "ETag": etag(asset.version)}
    return Json(row, status_code=201, headers=headers)


@api.get("/assets/{asset_id}", allow=READ, response_model=AssetRead)
async def get_asset(read: ReadDep, asset_id: UUID, on: Day = None) -> Response:
    row = await queries.asset(read, asset_id, on)
    return Json(row, headers={"ETag": etag(row["version"])})
