"""Calls for programs."""

from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query, Response

from services.project_management.calls import actions, queries
from services.project_management.calls.rules import DRAFT, READ, RELEASE, SIGN_OFF, OrganisationKind, Phase
from services.project_management.calls.schemas import (
    CallChange,
    CallCreate,
    CallList,
    CallRead,
    ReasonCreate,
    SignoffCreate,
)
from shared.db.work import Rows
from shared.web.edge import IfMatchDep, Json, ReadDep, WorkDep, api_room, etag
from shared.web.paging import CursorParam, LimitParam, SearchParam

api = api_room("calls")


async def _answer(rows: Rows, call_id: UUID, *, created: bool = False) -> Response:
    row = await queries.call(rows, call_id)
    headers = {"ETag": etag(row["version"])}
    if created:
        headers["Location"] = f"/projects/api/v1/calls/{call_id}"
    return Json(row, status_code=201 if created else 200, headers=headers)


@api.get("/calls", allow=READ, response_model=CallList)
async def list_calls(
    read: ReadDep,
    search: SearchParam = "",
    phase: Annotated[list[Phase] | None, Query()] = None,
    field: Annotated[list[str] | None, Query(max_length=20)] = None,
    region: Annotated[
        list[str] | None, Query(max_length=20, description="Calls that address it, or every region")
    ] = None,
    kind: Annotated[
        list[OrganisationKind] | None, Query(description="Calls that it may lead an application to")
    ] = None,
    ceiling_from: Annotated[Decimal | None, Query(ge=0, max_digits=16, decimal_places=2)] = None,
    ceiling_to: Annotated[Decimal | None, Query(ge=0, max_digits=16, decimal_places=2, description="Below it")] = None,
    soon: Annotated[
        list[Literal["opening", "closing"]] | None, Query(description="Opens, or closes, within 14 days")
    ] = None,
    sort: Annotated[
        Literal["deadline", "title", "-title", "field", "-field", "ceiling", "-ceiling", "closes_at", "-closes_at"],
        Query(description="`deadline`: what can be applied for first, the nearest closing first"),
    ] = "deadline",
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Response:
    wanted = queries.Wanted(
        search=search,
        phases=[one.value for one in phase or []],
        fields=field or [],
        regions=region or [],
        kinds=[one.value for one in kind or []],
        ceiling_from=ceiling_from,
        ceiling_to=ceiling_to,
        soon=soon or [],
    )
    page = await queries.calls(read, wanted, sort=sort, cursor=cursor, limit=limit)
    return Json({"items": page.items, "next_cursor": page.next_cursor})


@api.post("/calls", allow=DRAFT, status_code=201, response_model=CallRead)
async def draft_call(work: WorkDep, fields: CallCreate) -> Response:
    call = await actions.draft_call(work, fields)
    return await _answer(work, call.id, created=True)


@api.get("/calls/{call_id}", allow=READ, response_model=CallRead)
async def get_call(read: ReadDep, call_id: UUID) -> Response:
    return await _answer(read, call_id)


@api.patch("/calls/{call_id}", allow=DRAFT, response_model=CallRead)
async def edit_call(work: WorkDep, call_id: UUID, fields: CallChange, version: IfMatchDep) -> Response:
    await actions.edit_call(work, call_id, fields, version)
    return await _answer(work, call_id)


@api.post("/calls/{call_id}/signoff-request", allow=DRAFT, response_model=CallRead)
async def request_signoff(work: WorkDep, call_id: UUID, version: IfMatchDep) -> Response:
    await actions.request_signoff(work, call_id, version)
    return await _answer(work, call_id)


@api.post("/calls/{call_id}/signoff-withdrawal", allow=DRAFT, response_model=CallRead)
async def withdraw_signoff(work: WorkDep, call_id: UUID, fields: ReasonCreate, version: IfMatchDep) -> Response:
    """Take it back to draft, by the office that drafted it; signatures that were given fall."""
    await actions.withdraw_signoff(work, call_id, fields.reason, version)
    return await _answer(work, call_id)


@api.post("/calls/{call_id}/signoff", allow=SIGN_OFF, response_model=CallRead)
async def sign_off_call(work: WorkDep, call_id: UUID, fields: SignoffCreate, version: IfMatchDep) -> Response:
    await actions.sign_off(work, call_id, fields, version)
    return await _answer(work, call_id)


@api.post("/calls/{call_id}/release", allow=RELEASE, response_model=CallRead)
async def release_call(work: WorkDep, call_id: UUID, version: IfMatchDep) -> Response:
    await actions.release_call(work, call_id, version)
    return await _answer(work, call_id)


@api.post("/calls/{call_id}/cancellation", allow=DRAFT, response_model=CallRead)
async def cancel_call(work: WorkDep, call_id: UUID, fields: ReasonCreate, version: IfMatchDep) -> Response:
    await actions.cancel_call(work, call_id, fields.reason, version)
    return await _answer(work, call_id)


@api.post("/calls/{call_id}/conclusion", allow=DRAFT, response_model=CallRead)
async def conclude_call(work: WorkDep, call_id: UUID, fields: ReasonCreate, version: IfMatchDep) -> Response:
    """Close a call without an award, for nobody applied or everybody withdrew."""
    await actions.conclude_call(work, call_id, fields.reason, version)
    return await _answer(work, call_id)


@api.get(
    "/calls/{call_id}/versions/{number}",
    allow=READ,
    responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
)
async def get_released_version(read: ReadDep, call_id: UUID, number: Annotated[int, Path(ge=1, le=10_000)]) -> Response:
    """The released text exactly as its SHA-256 was taken of it; the hash is the ETag."""
    row = await queries.released_version(read, call_id, number)
    return Response(row["content"].encode(), media_type="application/json", headers={"ETag": f'"{row["sha256"]}"'})
