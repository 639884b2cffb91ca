"""Financing needs for programs."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.finance_matching.needs import actions, queries
from services.finance_matching.needs.model import Need
from services.finance_matching.needs.rules import READ, WRITE, State
from services.finance_matching.needs.schemas import NeedCreate, NeedList, NeedPrefill, NeedRead, NeedWithdrawal
from shared.db.work import Work
from shared.web.edge import IfMatchDep, Json, ReadDep, WorkDep, api_room, etag
from shared.web.paging import CursorParam, LimitParam, SearchParam

api = api_room("needs")


@api.get("/needs", allow=READ, response_model=NeedList)
async def list_needs(
    read: ReadDep,
    search: SearchParam = "",
    state: Annotated[list[State] | None, Query()] = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Response:
    states = [s.value for s in state or []]
    page = await queries.needs(read, search=search, states=states, cursor=cursor, limit=limit)
    return Json({"items": page.items, "next_cursor": page.next_cursor})


@api.get("/needs/prefill", allow=WRITE, response_model=NeedPrefill)
async def prefill_need(read: ReadDep, project_id: UUID) -> Response:
    return Json(await queries.prefill(read, project_id))


@api.post("/needs", allow=WRITE, status_code=201, response_model=NeedRead)
async def draft_need(work: WorkDep, fields: NeedCreate) -> Response:
    return await _shown(work, await actions.draft_need(work, fields), created=True)


@api.get("/needs/{need_id}", allow=READ, response_model=NeedRead)
async def get_need(read: ReadDep, need_id: UUID) -> Response:
    row = await queries.need(read, need_id)
    return Json(row, headers={"ETag": etag(row["version"])})


@api.put("/needs/{need_id}", allow=WRITE, response_model=NeedRead)
async def change_need(work: WorkDep, need_id: UUID, fields: NeedCreate, version: IfMatchDep) -> Response:
    return await _shown(work, await actions.change_need(work, need_id, fields, version))


@api.post("/needs/{need_id}/opening", allow=WRITE, response_model=NeedRead)
async def open_need(work: WorkDep, need_id: UUID, version: IfMatchDep) -> Response:
    return await _shown(work, await actions.open_need(work, need_id, version))


@api.post("/needs/{need_id}/withdrawal", allow=WRITE, response_model=NeedRead)
async def withdraw_need(work: WorkDep, need_id: UUID, fields: NeedWithdrawal, version: IfMatchDep) -> Response:
    return await _shown(work, await actions.withdraw_need(work, need_id, fields.reason, version))


async def _shown(work: Work, need: Need, *, created: bool = False) -> Response:
    row = await queries.need(work, need.id)
    headers = {"ETag": etag(need.version)}
    if created:
        headers["Location"] = f"/finance/api/v1/needs/{need.id}"
    return Json(row, status_code=201 if created else 200, headers=headers)
