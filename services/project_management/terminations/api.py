"""The early end of projects, for programs."""

from typing import Any
from uuid import UUID

from fastapi import Response

from services.project_management.delivery.queries import project
from services.project_management.terminations import actions, queries
from services.project_management.terminations.rules import ANSWER, PROPOSE, READ, RUN, SETTLE
from services.project_management.terminations.schemas import (
    ClearanceCreate,
    TerminationCreate,
    TerminationList,
    TerminationRead,
    TerminationReasonCreate,
)
from shared.db.work import Rows
from shared.web.edge import IfMatchDep, ReadDep, WorkDep, api_room, etag

api = api_room("terminations")


async def _read(rows: Rows, termination_id: UUID, response: Response) -> Any:
    row = await queries.termination(rows, termination_id)
    response.headers["ETag"] = etag(row["version"])
    return row


@api.get("/projects/{project_id}/terminations", allow=READ, response_model=TerminationList)
async def list_terminations(read: ReadDep, project_id: UUID) -> Any:
    await project(read, project_id)
    return {"items": await queries.terminations(read, project_id)}


@api.post("/projects/{project_id}/terminations", allow=PROPOSE, status_code=201, response_model=TerminationRead)
async def propose_termination(work: WorkDep, project_id: UUID, fields: TerminationCreate, response: Response) -> Any:
    """Propose that a project ends: for agreement, or by the office once a milestone or report is three months late."""
    made = await actions.propose_termination(work, project_id, fields)
    response.headers["Location"] = f"/projects/api/v1/terminations/{made.id}"
    return await _read(work, made.id, response)


@api.post("/projects/{project_id}/continuation", allow=RUN, status_code=201, response_model=TerminationRead)
async def keep_project(work: WorkDep, project_id: UUID, fields: TerminationReasonCreate, response: Response) -> Any:
    """Let a project go on that a delay of three months has put in question."""
    made = await actions.keep_project(work, project_id, fields.reason)
    return await _read(work, made.id, response)


@api.get("/terminations/{termination_id}", allow=READ, response_model=TerminationRead)
async def get_termination(read: ReadDep, termination_id: UUID, response: Response) -> Any:
    return await _read(read, termination_id, response)


@api.post("/terminations/{termination_id}/answer", allow=ANSWER, response_model=TerminationRead)
async def answer_termination(
    work: WorkDep, termination_id: UUID, fields: TerminationReasonCreate, version: IfMatchDep, response: Response
) -> Any:
    """The lead says why the project should go on."""
    await actions.answer_termination(work, termination_id, fields.reason, version)
    return await _read(work, termination_id, response)


@api.post("/terminations/{termination_id}/decision", allow=RUN, response_model=TerminationRead)
async def decide_termination(
    work: WorkDep, termination_id: UUID, fields: TerminationReasonCreate, version: IfMatchDep, response: Response
) -> Any:
    """The office ends the project, after the lead's answer or the time for it."""
    await actions.decide_termination(work, termination_id, fields.reason, version)
    return await _read(work, termination_id, response)


@api.post("/terminations/{termination_id}/agreement", allow=PROPOSE, response_model=TerminationRead)
async def agree_termination(
    work: WorkDep, termination_id: UUID, fields: TerminationReasonCreate, version: IfMatchDep, response: Response
) -> Any:
    """The side that did not propose it agrees; the project ends."""
    await actions.agree_termination(work, termination_id, fields.reason, version)
    return await _read(work, termination_id, response)


@api.post("/terminations/{termination_id}/refusal", allow=PROPOSE, response_model=TerminationRead)
async def refuse_termination(
    work: WorkDep, termination_id: UUID, fields: TerminationReasonCreate, version: IfMatchDep, response: Response
) -> Any:
    await actions.refuse_termination(work, termination_id, fields.reason, version)
    return await _read(work, termination_id, response)


@api.post("/terminations/{termination_id}/withdrawal", allow=PROPOSE, response_model=TerminationRead)
async def withdraw_termination(
    work: WorkDep, termination_id: UUID, fields: TerminationReasonCreate, version: IfMatchDep, response: Response
) -> Any:
    await actions.withdraw_termination(work, termination_id, fields.reason, version)
    return await _read(work, termination_id, response)


@api.post("/terminations/{termination_id}/settlement", allow=SETTLE, response_model=TerminationRead)
async def settle_termination(work: WorkDep, termination_id: UUID, version: IfMatchDep, response: Response) -> Any:
    """Work out by rule what was spent, is owed, or must be paid back."""
    await actions.settle_termination(work, termination_id, version)
    return await _read(work, termination_id, response)


@api.post("/terminations/{termination_id}/clearance", allow=SETTLE, response_model=TerminationRead)
async def clear_termination(
    work: WorkDep, termination_id: UUID, fields: ClearanceCreate, version: IfMatchDep, response: Response
) -> Any:
    """The balance is paid; the rest of the award is free for the reserve list."""
    await actions.clear_termination(work, termination_id, fields.reference, version)
    return await _read(work, termination_id, response)
