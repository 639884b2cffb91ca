"""Reviews for programs."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response

from services.project_management.receipts.queries import paper
from services.project_management.receipts.sending import PDF, paper_answer
from services.project_management.reviews import actions, queries
from services.project_management.reviews.rules import ACT, READ, State
from services.project_management.reviews.schemas import (
    DeclineCreate,
    ReviewList,
    ReviewRead,
    ScoresUpdate,
    read_model,
)
from services.project_management.reviews.words import review_papers
from shared.db.work import Work
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_
from shared.web.edge import IfMatchDep, ReadDep, WorkDep, api_room, etag
from shared.web.paging import CursorParam, LimitParam

api = api_room("reviews")


async def _shown(work: Work, review_id: UUID, response: Response) -> ReviewRead:
    row = await queries.review(work, review_id)
    response.headers["ETag"] = etag(row["version"])
    return read_model(row)


@api.get("/reviews", allow=READ, response_model=ReviewList)
async def my_reviews(
    read: ReadDep,
    state: Annotated[list[State] | None, Query()] = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Any:
    """The reviews that are yours."""
    page = await queries.mine(read, states=[one.value for one in state or []], cursor=cursor, limit=limit)
    return {"items": page.items, "next_cursor": page.next_cursor}


@api.get("/reviews/{review_id}", allow=READ, response_model=ReviewRead)
async def get_review(read: ReadDep, review_id: UUID, response: Response) -> ReviewRead:
    row = await queries.review(read, review_id)
    response.headers["ETag"] = etag(row["version"])
    return read_model(row)


@api.get(
    "/reviews/{review_id}/paper",
    allow=READ,
    responses=PDF,
)
async def get_paper(request: Request, read: ReadDep, review_id: UUID) -> Response:
    """A review that was handed in, as sealed PDF in both languages: the expert's own, and the office's."""
    review = await queries.review(read, review_id)
    issued = await paper(read, "review", review_id)
    if review["state"] != State.COMPLETED.value or issued is None:
        raise NotFound(N_("The review is not handed in yet."))
    return await paper_answer(request, lambda platform, key: review_papers(issued, platform, key), issued["number"])


@api.post("/reviews/{review_id}/acceptance", allow=ACT, response_model=ReviewRead)
async def accept_review(work: WorkDep, review_id: UUID, version: IfMatchDep, response: Response) -> ReviewRead:
    await actions.accept_review(work, review_id, version)
    return await _shown(work, review_id, response)


@api.post("/reviews/{review_id}/decline", allow=ACT, response_model=ReviewRead)
async def decline_review(
    work: WorkDep, review_id: UUID, fields: DeclineCreate, version: IfMatchDep, response: Response
) -> ReviewRead:
    await actions.decline_review(work, review_id, fields, version)
    return await _shown(work, review_id, response)


@api.put("/reviews/{review_id}/scores", allow=ACT, response_model=ReviewRead)
async def save_scores(
    work: WorkDep, review_id: UUID, fields: ScoresUpdate, version: IfMatchDep, response: Response
) -> ReviewRead:
    await actions.save_scores(work, review_id, fields, version)
    return await _shown(work, review_id, response)


@api.post("/reviews/{review_id}/completion", allow=ACT, response_model=ReviewRead)
async def complete_review(work: WorkDep, review_id: UUID, version: IfMatchDep, response: Response) -> ReviewRead:
    await actions.complete_review(work, review_id, version)
    return await _shown(work, review_id, response)
