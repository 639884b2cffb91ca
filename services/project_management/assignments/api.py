"""Assignments for programs."""

from typing import Any
from uuid import UUID

from fastapi import Response

from services.project_management.assignments import actions, queries
from services.project_management.assignments.rules import ASSIGN, READ
from services.project_management.assignments.schemas import AssignmentCreate, AssignmentRead, read_model
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_
from shared.web.edge import ReadDep, WorkDep, api_room, etag

api = api_room("assignments")


@api.post("/calls/{call_id}/assignment", allow=ASSIGN, status_code=201, response_model=AssignmentRead)
async def assign_reviews(work: WorkDep, call_id: UUID, fields: AssignmentCreate, response: Response) -> Any:
    """Assign reviewers and invite them; again, to plan anew what nobody has accepted yet."""
    assignment = await actions.assign_reviews(work, call_id, fields)
    response.headers["Location"] = f"/projects/api/v1/calls/{call_id}/assignment"
    response.headers["ETag"] = etag(assignment.version)
    row = await queries.assignment(work, call_id)
    assert row
    return read_model(row)


@api.get("/calls/{call_id}/assignment", allow=READ, response_model=AssignmentRead)
async def get_assignment(read: ReadDep, call_id: UUID, response: Response) -> Any:
    row = await queries.assignment(read, call_id)
    if row is None:
        raise NotFound(N_("No reviewers are assigned in this call yet."))
    response.headers["ETag"] = etag(row["version"])
    return read_model(row)
