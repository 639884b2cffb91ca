"""Answers to awards, for programs."""

from typing import Any
from uuid import UUID

from fastapi import Response

from services.project_management.awards.rules import READ
from services.project_management.reserves import actions, queries
from services.project_management.reserves.rules import ANSWER
from services.project_management.reserves.schemas import AwardAnswerRead, AwardRefusalCreate
from shared.db.work import Rows
from shared.web.edge import IfMatchDep, ReadDep, WorkDep, api_room, etag

api = api_room("reserves")


@api.get("/awards/{award_id}/offer", allow=READ, response_model=AwardAnswerRead)
async def get_offer(read: ReadDep, award_id: UUID, response: Response) -> Any:
    """The last offer made of an award, with the rule's trace."""
    return await _answer(read, award_id, response)


@api.post("/awards/{award_id}/acceptance", allow=ANSWER, response_model=AwardAnswerRead)
async def accept_award(work: WorkDep, award_id: UUID, version: IfMatchDep, response: Response) -> Any:
    """Take an award that is offered from the reserve list."""
    await actions.accept_award(work, award_id, version)
    return await _answer(work, award_id, response)


@api.post("/awards/{award_id}/refusal", allow=ANSWER, response_model=AwardAnswerRead)
async def refuse_award(
    work: WorkDep, award_id: UUID, fields: AwardRefusalCreate, version: IfMatchDep, response: Response
) -> Any:
    """Turn down an award that was granted or offered; the next of the reserve list is asked."""
    await actions.refuse_award(work, award_id, fields.reason, version)
    return await _answer(work, award_id, response)


async def _answer(rows: Rows, award_id: UUID, response: Response) -> dict[str, Any]:
    row = await queries.answer_to(rows, award_id)
    response.headers["ETag"] = etag(row["version"])
    return row
