"""Summaries of reviews, for programs."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Request, Response

from services.project_management.receipts.sending import PDF, paper_answer
from services.project_management.summaries import actions, queries
from services.project_management.summaries.rules import ISSUE, READ
from services.project_management.summaries.schemas import SummaryList, SummaryRead
from services.project_management.summaries.words import summary_papers
from shared.web.edge import ReadDep, WorkDep, api_room

api = api_room("summaries")
Version = Annotated[int, Path(ge=1, le=9999)]


@api.get("/applications/{application_id}/summaries", allow=READ, response_model=SummaryList)
async def list_summaries(read: ReadDep, application_id: UUID) -> Any:
    """The summaries of an application's reviews that were issued, the newest first."""
    return await queries.summaries(read, application_id)


@api.post("/applications/{application_id}/summaries", allow=ISSUE, status_code=201, response_model=SummaryRead)
async def issue_summary(work: WorkDep, application_id: UUID, response: Response) -> Any:
    """Fix what the reviews come to now, with a number; where nothing differs from the last one, that one."""
    await actions.issue_summary(work, application_id)
    await work.flush()
    found = await queries.summary(work, application_id)
    response.headers["Location"] = f"/projects/api/v1/applications/{application_id}/summaries/{found['version']}"
    return found


@api.get("/applications/{application_id}/summaries/{version}", allow=READ, responses=PDF)
async def get_summary(request: Request, read: ReadDep, application_id: UUID, version: Version) -> Response:
    """One of them as sealed PDF in both languages: scores by criterion, raw and calibrated means, comments. Experts are
    numbered, not named."""
    found = await queries.summary(read, application_id, version)
    return await paper_answer(request, lambda platform, key: summary_papers(found, platform, key), found["number"])
