"""Assignments for programs."""

from typing import Any
from uuid import UUID

from fastapi import Response

from services.project_management.assignments import actions, demands, queries
from services.project_management.assignments.model import Assignment
from services.project_management.assignments.rules import ASSIGN, READ
from services.project_management.assignments.schemas import (
    AdjustmentCreate,
    AssignmentCreate,
    AssignmentRead,
    ConflictDecisionCreate,
    ConflictDecisionRead,
    DemandCreate,
    DemandRead,
    UndoCreate,
    read_model,
)
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_
from shared.web.edge import ReadDep, WorkDep, api_room, etag

api = api_room("assignments")


@api.post("/calls/{call_id}/assignment", allow=ASSIGN, status_code=201, response_model=AssignmentRead)
async def assign_reviews(work: WorkDep, call_id: UUID, fields: AssignmentCreate, response: Response) -> Any:
    """Assign reviewers and invite them; again, to plan anew what nobody has accepted yet."""
    return await _changed(work, await actions.assign_reviews(work, call_id, fields), response)


@api.post("/calls/{call_id}/adjustments", allow=ASSIGN, status_code=201, response_model=AssignmentRead)
async def adjust_assignment(work: WorkDep, call_id: UUID, fields: AdjustmentCreate, response: Response) -> Any:
    """Give reviewers and take them back by hand, within every limit."""
    return await _changed(work, await actions.adjust_assignment(work, call_id, fields), response)


@api.post("/calls/{call_id}/adjustments/undo", allow=ASSIGN, status_code=201, response_model=AssignmentRead)
async def undo_assignment(work: WorkDep, call_id: UUID, fields: UndoCreate, response: Response) -> Any:
    """Bring back the assignment before the last, as far as reviews are neither handed in nor declined."""
    return await _changed(work, await actions.undo_assignment(work, call_id, fields), response)


async def _changed(work: WorkDep, assignment: Assignment, response: Response) -> Any:
    response.headers["Location"] = f"/projects/api/v1/calls/{assignment.call_id}/assignment"
    response.headers["ETag"] = etag(assignment.version)
    row = await queries.assignment(work, assignment.call_id)
    assert row
    return read_model(row)


@api.post("/calls/{call_id}/conflicts", allow=ASSIGN, status_code=201, response_model=ConflictDecisionRead)
async def decide_conflict(work: WorkDep, call_id: UUID, fields: ConflictDecisionCreate, response: Response) -> Any:
    """Set a conflict aside, confirm it, record one that no register shows, or take such a decision back."""
    decision = await actions.decide_conflict(work, call_id, fields)
    response.headers["Location"] = f"/projects/api/v1/calls/{call_id}/assignment"
    return decision.model_dump()


@api.post("/calls/{call_id}/demands", allow=ASSIGN, status_code=201, response_model=DemandRead)
async def ask_reviewers(work: WorkDep, call_id: UUID, fields: DemandCreate, response: Response) -> Any:
    """Let one application be reviewed by more or fewer experts than the call names."""
    demand = await demands.ask_reviewers(work, call_id, fields)
    response.headers["Location"] = f"/projects/api/v1/calls/{call_id}/assignment"
    return demand.model_dump()


@api.get("/calls/{call_id}/assignment", allow=READ, response_model=AssignmentRead)
async def get_assignment(read: ReadDep, call_id: UUID, response: Response) -> Any:
    row = await queries.assignment(read, call_id)
    if row is None:
        raise NotFound(N_("No reviewers are assigned in this call yet."))
    response.headers["ETag"] = etag(row["version"])
    return read_model(row)
