"""Requirements for programs."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query, Response

from services.project_management.requirements import actions, queries
from services.project_management.requirements.rules import DECIDE, DRAFT, READ, Priority, State, Urgency
from services.project_management.requirements.schemas import (
    AnswerCreate,
    CompilationCreate,
    MergerCreate,
    RequirementChange,
    RequirementCreate,
    RequirementList,
    RequirementRead,
    SimilarList,
    WithdrawalCreate,
)
from shared.db.work import Rows
from shared.web.edge import IfMatchDep, Json, ReadDep, WorkDep, api_room, etag
from shared.web.paging import CursorParam, LimitParam, SearchParam

api = api_room("requirements")
SortParam = Literal[
    "created_at",
    "-created_at",
    "title",
    "-title",
    "organisation_name",
    "-organisation_name",
    "field",
    "-field",
]
INSIDE = ("ours", "judges", "asked", "compiled", "merged_into_id")
"""What pages need to know and programs do not."""


async def _answer(rows: Rows, requirement_id: UUID, *, created: bool = False) -> Response:
    row = await queries.requirement(rows, requirement_id)
    headers = {"ETag": etag(row["version"])}
    if created:
        headers["Location"] = f"/projects/api/v1/requirements/{requirement_id}"
    shown = {name: value for name, value in row.items() if name not in INSIDE}
    return Json(shown, status_code=201 if created else 200, headers=headers)


@api.get("/requirements", allow=READ, response_model=RequirementList)
async def list_requirements(
    read: ReadDep,
    search: SearchParam = "",
    state: Annotated[list[State] | None, Query()] = None,
    urgency: Annotated[list[Urgency] | None, Query()] = None,
    priority: Annotated[list[Priority] | None, Query()] = None,
    sort: Annotated[SortParam, Query(description="With a minus: the other way round")] = "-created_at",
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Response:
    page = await queries.requirements(
        read,
        search=search,
        states=[one.value for one in state or []],
        urgencies=[one.value for one in urgency or []],
        priorities=[one.value for one in priority or []],
        sort=sort,
        cursor=cursor,
        limit=limit,
    )
    return Json({"items": page.items, "next_cursor": page.next_cursor})


@api.post("/requirements", allow=DRAFT, status_code=201, response_model=RequirementRead)
async def draft_requirement(work: WorkDep, fields: RequirementCreate) -> Response:
    requirement = await actions.draft_requirement(work, fields)
    return await _answer(work, requirement.id, created=True)


@api.post("/requirements/mergers", allow=DECIDE, status_code=201, response_model=RequirementRead)
async def compile_requirement(work: WorkDep, fields: CompilationCreate) -> Response:
    """Merge several into a new one."""
    requirement = await actions.compile_requirement(work, fields)
    return await _answer(work, requirement.id, created=True)


@api.get("/requirements/{requirement_id}", allow=READ, response_model=RequirementRead)
async def get_requirement(read: ReadDep, requirement_id: UUID) -> Response:
    return await _answer(read, requirement_id)


@api.patch("/requirements/{requirement_id}", allow=DRAFT, response_model=RequirementRead)
async def edit_requirement(
    work: WorkDep, requirement_id: UUID, fields: RequirementChange, version: IfMatchDep
) -> Response:
    await actions.edit_requirement(work, requirement_id, fields, version)
    return await _answer(work, requirement_id)


@api.post("/requirements/{requirement_id}/submission", allow=DRAFT, response_model=RequirementRead)
async def put_forward(work: WorkDep, requirement_id: UUID, version: IfMatchDep) -> Response:
    await actions.put_forward(work, requirement_id, version)
    return await _answer(work, requirement_id)


@api.post("/requirements/{requirement_id}/withdrawal", allow=DRAFT, status_code=204)
async def withdraw_requirement(
    work: WorkDep, requirement_id: UUID, fields: WithdrawalCreate, version: IfMatchDep
) -> Response:
    """Take it back; a draft is thrown away."""
    await actions.withdraw_requirement(work, requirement_id, fields, version)
    return Response(status_code=204)


@api.post("/requirements/{requirement_id}/return", allow=DECIDE, status_code=204)
async def return_requirement(
    work: WorkDep, requirement_id: UUID, fields: AnswerCreate, version: IfMatchDep
) -> Response:
    """Ask for its completion; until it is put forward again, its organisation alone sees it."""
    await actions.return_requirement(work, requirement_id, fields.reason, version)
    return Response(status_code=204)


@api.post("/requirements/{requirement_id}/decline", allow=DECIDE, response_model=RequirementRead)
async def decline_requirement(
    work: WorkDep, requirement_id: UUID, fields: AnswerCreate, version: IfMatchDep
) -> Response:
    await actions.decline_requirement(work, requirement_id, fields.reason, version)
    return await _answer(work, requirement_id)


@api.post("/requirements/{requirement_id}/mergers", allow=DECIDE, response_model=RequirementRead)
async def merge_requirements(
    work: WorkDep, requirement_id: UUID, fields: MergerCreate, version: IfMatchDep
) -> Response:
    """Follow up others in this one."""
    await actions.merge_requirements(work, requirement_id, fields, version)
    return await _answer(work, requirement_id)


@api.get("/requirements/{requirement_id}/similar", allow=READ, response_model=SimilarList)
async def similar_requirements(read: ReadDep, requirement_id: UUID) -> Response:
    """Others that read alike, as far as you may see them: evidence, never an automatic merger."""
    return Json({"items": await queries.similar(read, requirement_id)})


@api.get(
    "/requirements/{requirement_id}/versions/{number}",
    allow=READ,
    responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
)
async def get_put_forward_version(
    read: ReadDep, requirement_id: UUID, number: Annotated[int, Path(ge=1, le=10_000)]
) -> Response:
    """The text exactly as it was put forward and its SHA-256 taken of it; the hash is the ETag."""
    row = await queries.put_forward_version(read, requirement_id, number)
    return Response(row["content"].encode(), media_type="application/json", headers={"ETag": f'"{row["sha256"]}"'})
