"""Rankings and awards for programs."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from services.project_management.awards import actions, queries
from services.project_management.awards.rules import DECIDE, RANK, READ, Basis, Outcome
from services.project_management.awards.schemas import (
    AwardList,
    AwardRead,
    DecisionCreate,
    DecisionRead,
    RankingRead,
)
from shared.web.edge import ReadDep, WorkDep, api_room, etag
from shared.web.paging import CursorParam, LimitParam

api = api_room("awards")


@api.get("/calls/{call_id}/ranking", allow=RANK, response_model=RankingRead)
async def get_ranking(read: ReadDep, call_id: UUID, response: Response, scores: Basis = "raw") -> Any:
    """The ranking with what the rule proposes, by raw or calibrated means; after the decision, what was decided.

    Both means stand side by side with their intervals. Where calibration is off the answer says why and ranks by raw
    means.
    """
    row = await queries.ranking(read, call_id, scores)
    response.headers["ETag"] = etag(row["version"])
    return row


@api.post("/calls/{call_id}/decision", allow=DECIDE, status_code=201, response_model=DecisionRead)
async def decide_call(work: WorkDep, call_id: UUID, fields: DecisionCreate, response: Response) -> Any:
    decision = await actions.decide_call(work, call_id, fields)
    response.headers["Location"] = f"/projects/api/v1/calls/{call_id}/ranking"
    response.headers["ETag"] = etag(decision.version)
    return decision


@api.get("/awards", allow=READ, response_model=AwardList)
async def list_awards(
    read: ReadDep,
    outcome: Annotated[list[Outcome] | None, Query()] = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Any:
    page = await queries.awards(read, outcomes=list(outcome or []), cursor=cursor, limit=limit)
    return {"items": page.items, "next_cursor": page.next_cursor}


@api.get("/awards/{award_id}", allow=READ, response_model=AwardRead)
async def get_award(read: ReadDep, award_id: UUID, response: Response) -> Any:
    row = await queries.award(read, award_id)
    response.headers["ETag"] = etag(row["version"])
    return row


@api.get("/applications/{application_id}/award", allow=READ, response_model=AwardRead)
async def get_award_of_application(read: ReadDep, application_id: UUID, response: Response) -> Any:
    row = await queries.award_of(read, application_id)
    response.headers["ETag"] = etag(row["version"])
    return row
