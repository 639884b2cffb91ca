"""Rankings and awards for programs."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query, Request, Response

from services.project_management.awards import actions, queries, trials
from services.project_management.awards.rules import DECIDE, RANK, READ, Basis
from services.project_management.awards.schemas import (
    AwardList,
    AwardRead,
    DecisionCreate,
    DecisionDetailRead,
    DecisionListRead,
    DecisionNoteCreate,
    DecisionRead,
    DecisionReasonCreate,
    NoticeRead,
    RankingRead,
    Standing,
    TrialCreate,
    TrialRead,
)
from services.project_management.awards.words import both_papers, comment_papers
from services.project_management.decisions.queries import decision_list, list_changes
from services.project_management.decisions.rules import APPROVE, NOTICE
from services.project_management.decisions.rules import READ as DECISION_READ
from services.project_management.differences import SingleDifferenceRead, VersionChangesRead
from services.project_management.receipts.sending import PDF, paper_answer
from shared.web.edge import IfMatchDep, ReadDep, WorkDep, api_room, etag
from shared.web.paging import CursorParam, LimitParam

api = api_room("awards")
Number = Annotated[int, Path(ge=1, le=9999)]
Since = Annotated[int | None, Query(ge=1, le=9999, description="The list to compare with; the one before")]


@api.get("/calls/{call_id}/ranking", allow=RANK, response_model=RankingRead)
async def get_ranking(read: ReadDep, call_id: UUID, response: Response, scores: Basis = "raw") -> Any:
    """The ranking with what the rule proposes, by raw or calibrated means; after the decision, what was decided.

    Both means stand side by side with their intervals. Where calibration is off the answer says why and ranks by raw
    means.
    """
    row = await queries.ranking(read, call_id, scores)
    response.headers["ETag"] = etag(row["version"])
    return row


@api.post("/calls/{call_id}/ranking/trials", allow=RANK, response_model=TrialRead)
async def try_ranking(read: ReadDep, call_id: UUID, fields: TrialCreate) -> Any:
    """What the call would come to if these choices were put forward: the money, the share limits, what the next of the
    reserve list would cost, and where a reason is needed. Nothing is stored."""
    chosen = [one.model_dump(mode="json") for one in fields.overrides]
    return await trials.trial(read, call_id, fields.scores, chosen)


@api.post("/calls/{call_id}/decision", allow=DECIDE, status_code=201, response_model=DecisionRead)
async def decide_call(work: WorkDep, call_id: UUID, fields: DecisionCreate, response: Response) -> Any:
    decision = await actions.decide_call(work, call_id, fields)
    response.headers["Location"] = f"/projects/api/v1/calls/{call_id}/ranking"
    response.headers["ETag"] = etag(decision.version)
    return decision


@api.get("/calls/{call_id}/decision", allow=DECISION_READ, response_model=DecisionDetailRead)
async def get_decision(read: ReadDep, call_id: UUID, response: Response) -> Any:
    """How far the decision is on its way to being final."""
    row = await queries.decision(read, call_id)
    response.headers["ETag"] = etag(row["version"])
    return row


@api.get("/calls/{call_id}/decision/lists/{list_number}", allow=DECISION_READ, response_model=DecisionListRead)
async def get_decision_list(read: ReadDep, call_id: UUID, list_number: Number) -> Any:
    """A list that was put forward, word for word, with the signatures under it."""
    return await decision_list(read, (await queries.decision(read, call_id))["id"], list_number)


@api.get(
    "/calls/{call_id}/decision/lists/{list_number}/differences", allow=DECISION_READ, response_model=VersionChangesRead
)
async def get_list_differences(read: ReadDep, call_id: UUID, list_number: Number, since: Since = None) -> Any:
    """What differs from an earlier list, line by line."""
    other = since or max(list_number - 1, 1)
    found = await list_changes(read, (await queries.decision(read, call_id))["id"], other, list_number)
    return {"since": other, "until": list_number, "changes": [SingleDifferenceRead.of(one) for one in found]}


@api.post("/calls/{call_id}/decision/approval", allow=APPROVE, response_model=DecisionRead)
async def approve_decision(
    work: WorkDep, call_id: UUID, fields: DecisionNoteCreate, version: IfMatchDep, response: Response
) -> Any:
    """Sign for the next office of the chain."""
    decision = await actions.approve_decision(work, call_id, fields.note, version)
    response.headers["ETag"] = etag(decision.version)
    return decision


@api.post("/calls/{call_id}/decision/return", allow=APPROVE, response_model=DecisionRead)
async def return_decision(
    work: WorkDep, call_id: UUID, fields: DecisionReasonCreate, version: IfMatchDep, response: Response
) -> Any:
    """Do not sign: the programme office decides again."""
    decision = await actions.return_decision(work, call_id, fields.reason, version)
    response.headers["ETag"] = etag(decision.version)
    return decision


@api.get("/calls/{call_id}/notice", allow=NOTICE, response_model=NoticeRead)
async def get_notice(read: ReadDep, call_id: UUID, response: Response) -> Any:
    """What is shown in public of the decision."""
    row = await queries.notice(read, call_id)
    response.headers["ETag"] = etag(row["version"])
    return row


@api.get(
    "/awards/{award_id}/letter",
    allow=READ,
    responses=PDF,
)
async def get_letter(request: Request, read: ReadDep, award_id: UUID) -> Response:
    """The newest decision letter as PDF, in the language asked for and then in the other; its last line is the seal."""
    found = await queries.letter_of(read, award_id)
    return await paper_answer(request, lambda platform, key: both_papers(found, platform, key), found["number"])


@api.get(
    "/awards/{award_id}/reviews",
    allow=READ,
    responses=PDF,
)
async def get_award_reviews(request: Request, read: ReadDep, award_id: UUID) -> Response:
    """What the reviewers say to the applicant, as PDF in both languages: the scores that the call lets applicants know
    and the comments to them, as the letter has them; nothing tells who reviews."""
    found = await queries.letter_of(read, award_id)
    return await paper_answer(
        request, lambda platform, key: comment_papers(found, platform, key), f"reviews-{award_id}"
    )


@api.get("/awards", allow=READ, response_model=AwardList)
async def list_awards(
    read: ReadDep,
    outcome: Annotated[list[Standing] | None, Query()] = None,
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
