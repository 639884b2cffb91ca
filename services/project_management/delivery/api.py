"""Projects and milestones for programs."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Response

from services.project_management.delivery import actions, queries
from services.project_management.delivery.rules import DRAFT, JUDGE, PAY, READ, SIGN, SUBMIT, ProjectState, Waiting
from services.project_management.delivery.schemas import (
    AcceptanceCreate,
    EvidenceCreate,
    MilestoneRead,
    ProjectCreate,
    ProjectList,
    ProjectRead,
    ReturnCreate,
    SignatureCreate,
)
from shared.db.work import Rows
from shared.web.edge import IfMatchDep, ReadDep, WorkDep, api_room, etag
from shared.web.paging import CursorParam, LimitParam, SearchParam

api = api_room("delivery")
SortParam = Literal[
    "created_at",
    "-created_at",
    "title",
    "-title",
    "field",
    "-field",
    "amount",
    "-amount",
    "ends_on",
    "-ends_on",
    "next_due",
    "-next_due",
]


async def _project(rows: Rows, project_id: UUID, response: Response) -> Any:
    row = await queries.project(rows, project_id)
    response.headers["ETag"] = etag(row["version"])
    return row


async def _milestone(rows: Rows, milestone_id: UUID, response: Response) -> Any:
    row = await queries.milestone(rows, milestone_id)
    response.headers["ETag"] = etag(row["version"])
    return row


@api.get("/projects", allow=READ, response_model=ProjectList)
async def list_projects(
    read: ReadDep,
    search: SearchParam = "",
    state: Annotated[list[ProjectState] | None, Query()] = None,
    waits: Annotated[list[Waiting] | None, Query(description="Late, or the office is to act on one of these")] = None,
    sort: Annotated[SortParam, Query(description="With a minus: the other way round")] = "-created_at",
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Any:
    states = [one.value for one in state or []]
    page = await queries.projects(
        read, search=search, states=states, waits=waits or [], sort=sort, cursor=cursor, limit=limit
    )
    return {"items": page.items, "next_cursor": page.next_cursor}


@api.post("/projects", allow=DRAFT, status_code=201, response_model=ProjectRead)
async def create_project(work: WorkDep, fields: ProjectCreate, response: Response) -> Any:
    project = await actions.create_project(work, fields)
    response.headers["Location"] = f"/projects/api/v1/projects/{project.id}"
    return await _project(work, project.id, response)


@api.get("/projects/{project_id}", allow=READ, response_model=ProjectRead)
async def get_project(read: ReadDep, project_id: UUID, response: Response) -> Any:
    return await _project(read, project_id, response)


@api.post("/projects/{project_id}/signatures", allow=SIGN, response_model=ProjectRead)
async def sign_project(
    work: WorkDep, project_id: UUID, fields: SignatureCreate, version: IfMatchDep, response: Response
) -> Any:
    """Sign the task book; the second of the two signatures starts the project."""
    await actions.sign_project(work, project_id, fields, version)
    return await _project(work, project_id, response)


@api.get("/milestones/{milestone_id}", allow=READ, response_model=MilestoneRead)
async def get_milestone(read: ReadDep, milestone_id: UUID, response: Response) -> Any:
    return await _milestone(read, milestone_id, response)


@api.post("/milestones/{milestone_id}/evidence", allow=SUBMIT, response_model=MilestoneRead)
async def submit_evidence(
    work: WorkDep, milestone_id: UUID, fields: EvidenceCreate, version: IfMatchDep, response: Response
) -> Any:
    await actions.submit_evidence(work, milestone_id, fields, version)
    return await _milestone(work, milestone_id, response)


@api.post("/milestones/{milestone_id}/acceptance", allow=JUDGE, response_model=MilestoneRead)
async def accept_milestone(
    work: WorkDep, milestone_id: UUID, fields: AcceptanceCreate, version: IfMatchDep, response: Response
) -> Any:
    await actions.accept_milestone(work, milestone_id, fields, version)
    return await _milestone(work, milestone_id, response)


@api.post("/milestones/{milestone_id}/tranche", allow=PAY, response_model=MilestoneRead)
async def release_tranche(work: WorkDep, milestone_id: UUID, version: IfMatchDep, response: Response) -> Any:
    """Release the money of an accepted milestone; refused clause by clause while its gate is closed."""
    await actions.release_tranche(work, milestone_id, version)
    return await _milestone(work, milestone_id, response)


@api.post("/milestones/{milestone_id}/return", allow=JUDGE, response_model=MilestoneRead)
async def return_milestone(
    work: WorkDep, milestone_id: UUID, fields: ReturnCreate, version: IfMatchDep, response: Response
) -> Any:
    await actions.return_milestone(work, milestone_id, fields, version)
    return await _milestone(work, milestone_id, response)
