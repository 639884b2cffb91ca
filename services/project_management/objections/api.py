"""Objections for programs."""

from typing import Any
from uuid import UUID

from fastapi import Response

from services.project_management.objections import actions, queries
from services.project_management.objections.rules import ANSWER, LIST, LODGE, NOTE, READ, WITHDRAW
from services.project_management.objections.schemas import (
    ObjectionAnswerCreate,
    ObjectionCreate,
    ObjectionList,
    ObjectionRead,
)
from shared.db.work import Rows
from shared.web.edge import IfMatchDep, ReadDep, WorkDep, api_room, etag

api = api_room("objections")


@api.get("/calls/{call_id}/objections", allow=LIST, response_model=ObjectionList)
async def list_objections(read: ReadDep, call_id: UUID) -> Any:
    """Every objection to the decision of a call, for offices that have no part in it."""
    return {"items": await queries.objections_to(read, call_id)}


@api.post("/calls/{call_id}/notice/reading", allow=NOTE, status_code=204)
async def note_notice(work: WorkDep, call_id: UUID) -> None:
    """Your organisation has read the public notice: its task is done."""
    await actions.note_notice(work, call_id)


@api.post("/calls/{call_id}/objections", allow=LODGE, status_code=201, response_model=ObjectionRead)
async def lodge_objection(work: WorkDep, call_id: UUID, fields: ObjectionCreate, response: Response) -> Any:
    """Object to a list in public notice; refused after it with the dates and what can be done instead."""
    objection = await actions.lodge_objection(work, call_id, fields)
    response.headers["Location"] = f"/projects/api/v1/objections/{objection.id}"
    return await _objection(work, objection.id, response)


@api.get("/objections/{objection_id}", allow=READ, response_model=ObjectionRead)
async def get_objection(read: ReadDep, objection_id: UUID, response: Response) -> Any:
    return await _objection(read, objection_id, response)


@api.post("/objections/{objection_id}/answer", allow=ANSWER, response_model=ObjectionRead)
async def answer_objection(
    work: WorkDep, objection_id: UUID, fields: ObjectionAnswerCreate, version: IfMatchDep, response: Response
) -> Any:
    """By somebody who is not concerned. Upheld, the decision is made again."""
    await actions.answer_objection(work, objection_id, fields, version)
    return await _objection(work, objection_id, response)


@api.post("/objections/{objection_id}/withdrawal", allow=WITHDRAW, response_model=ObjectionRead)
async def withdraw_objection(work: WorkDep, objection_id: UUID, version: IfMatchDep, response: Response) -> Any:
    await actions.withdraw_objection(work, objection_id, version)
    return await _objection(work, objection_id, response)


async def _objection(rows: Rows, objection_id: UUID, response: Response) -> dict[str, Any]:
    row = await queries.objection(rows, objection_id)
    response.headers["ETag"] = etag(row["version"])
    return row
