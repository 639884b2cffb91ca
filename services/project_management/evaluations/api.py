"""Evaluations for programs."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response

from services.project_management.delivery.queries import project
from services.project_management.delivery.schemas import ProjectRead
from services.project_management.evaluations import actions, following, queries
from services.project_management.evaluations.rules import READ, REPORT, RUN, SHEET
from services.project_management.evaluations.schemas import (
    EvaluationCreate,
    EvaluationDecisionCreate,
    EvaluationRead,
    EvaluationReasonCreate,
    FollowUpCreate,
    FollowUpRead,
    PanelCreate,
    ProjectEvaluations,
    ReportCreate,
    SheetCreate,
    SheetList,
    SheetRead,
)
from services.project_management.evaluations.words import both_papers
from services.project_management.receipts.queries import paper
from services.project_management.receipts.sending import PDF, paper_answer
from shared.db.work import Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_
from shared.web.edge import IfMatchDep, ReadDep, WorkDep, api_room, etag

api = api_room("evaluations")
Round = Annotated[int | None, Query(ge=1, le=999, description="Of the decision; the newest")]


async def _evaluation(rows: Rows, evaluation_id: UUID, response: Response) -> Any:
    row = await queries.evaluation(rows, evaluation_id)
    response.headers["ETag"] = etag(row["version"])
    return row


async def _sheet(rows: Rows, sheet_id: UUID, response: Response) -> Any:
    row = await queries.sheet(rows, sheet_id)
    response.headers["ETag"] = etag(row["version"])
    return row


@api.get("/projects/{project_id}/evaluations", allow=READ, response_model=ProjectEvaluations)
async def list_evaluations(read: ReadDep, project_id: UUID) -> Any:
    """A project's reviews, and what became of its results."""
    await project(read, project_id)
    return {
        "items": await queries.evaluations_of(read, project_id),
        "follow_ups": await queries.follow_ups_of(read, project_id),
    }


@api.post("/projects/{project_id}/evaluations", allow=RUN, status_code=201, response_model=EvaluationRead)
async def open_evaluation(work: WorkDep, project_id: UUID, fields: EvaluationCreate, response: Response) -> Any:
    """Begin a mid-term or completion review; the lead is asked to report."""
    evaluation = await actions.open_evaluation(work, project_id, fields.kind)
    response.headers["Location"] = f"/projects/api/v1/evaluations/{evaluation.id}"
    return await _evaluation(work, evaluation.id, response)


@api.post("/projects/{project_id}/completion", allow=RUN, response_model=ProjectRead)
async def complete_project(
    work: WorkDep, project_id: UUID, fields: EvaluationDecisionCreate, version: IfMatchDep, response: Response
) -> Any:
    """Decide the completion review that the panel has judged, and complete the project with the grade."""
    await actions.complete_by_evaluation(work, project_id, fields, version)
    row = await project(work, project_id)
    response.headers["ETag"] = etag(row["version"])
    return row


@api.get("/evaluations/{evaluation_id}", allow=READ, response_model=EvaluationRead)
async def get_evaluation(read: ReadDep, evaluation_id: UUID, response: Response) -> Any:
    return await _evaluation(read, evaluation_id, response)


@api.get("/evaluations/{evaluation_id}/paper", allow=READ, responses=PDF)
async def get_paper(request: Request, read: ReadDep, evaluation_id: UUID, decision: Round = None) -> Response:
    """The decision as sealed PDF in both languages: grade, clauses of the rule, indicators; no member of the panel."""
    await queries.evaluation(read, evaluation_id)
    issued = await paper(read, "evaluation", evaluation_id, decision)
    if issued is None:
        raise NotFound(N_("The evaluation is not decided yet."))
    return await paper_answer(request, lambda platform, key: both_papers(issued, platform, key), issued["number"])


@api.post("/evaluations/{evaluation_id}/report", allow=REPORT, response_model=EvaluationRead)
async def report_evaluation(
    work: WorkDep, evaluation_id: UUID, fields: ReportCreate, version: IfMatchDep, response: Response
) -> Any:
    """What is reached of what the task book promised; milestones left out are not reached."""
    await actions.report_evaluation(work, evaluation_id, fields, version)
    return await _evaluation(work, evaluation_id, response)


@api.post("/evaluations/{evaluation_id}/return", allow=RUN, response_model=EvaluationRead)
async def return_report(
    work: WorkDep, evaluation_id: UUID, fields: EvaluationReasonCreate, version: IfMatchDep, response: Response
) -> Any:
    await actions.return_report(work, evaluation_id, fields.reason, version)
    return await _evaluation(work, evaluation_id, response)


@api.post("/evaluations/{evaluation_id}/panel", allow=RUN, response_model=EvaluationRead)
async def appoint_panel(
    work: WorkDep, evaluation_id: UUID, fields: PanelCreate, version: IfMatchDep, response: Response
) -> Any:
    """Ask experts for a sheet, also further ones where some declined; who is too close to the project is refused."""
    await actions.appoint_panel(work, evaluation_id, fields.expert_ids, version)
    return await _evaluation(work, evaluation_id, response)


@api.post("/evaluations/{evaluation_id}/decision", allow=RUN, response_model=EvaluationRead)
async def decide_evaluation(
    work: WorkDep, evaluation_id: UUID, fields: EvaluationDecisionCreate, version: IfMatchDep, response: Response
) -> Any:
    """The office's grade with its reason; the decision of a completion review completes the project."""
    await actions.decide_evaluation(work, evaluation_id, fields, version)
    return await _evaluation(work, evaluation_id, response)


@api.post("/evaluations/{evaluation_id}/reopening", allow=RUN, response_model=EvaluationRead)
async def reopen_evaluation(
    work: WorkDep, evaluation_id: UUID, fields: EvaluationReasonCreate, version: IfMatchDep, response: Response
) -> Any:
    """Have a decision looked at again by a new panel. Another person than who decided it; it stands meanwhile."""
    await actions.reopen_evaluation(work, evaluation_id, fields.reason, version)
    return await _evaluation(work, evaluation_id, response)


@api.post("/evaluations/{evaluation_id}/confirmation", allow=RUN, response_model=EvaluationRead)
async def let_stand(
    work: WorkDep, evaluation_id: UUID, fields: EvaluationReasonCreate, version: IfMatchDep, response: Response
) -> Any:
    """Let the decision before stand; nothing is decided anew."""
    await actions.let_stand(work, evaluation_id, fields.reason, version)
    return await _evaluation(work, evaluation_id, response)


@api.post("/evaluations/{evaluation_id}/cancellation", allow=RUN, response_model=EvaluationRead)
async def cancel_evaluation(
    work: WorkDep, evaluation_id: UUID, fields: EvaluationReasonCreate, version: IfMatchDep, response: Response
) -> Any:
    await actions.cancel_evaluation(work, evaluation_id, fields.reason, version)
    return await _evaluation(work, evaluation_id, response)


@api.get("/evaluation-sheets", allow=SHEET, response_model=SheetList)
async def list_sheets(read: ReadDep) -> Any:
    """Your own, those to write first."""
    return {"items": await queries.sheets_of_mine(read)}


@api.get("/evaluation-sheets/{sheet_id}", allow=SHEET, response_model=SheetRead)
async def get_sheet(read: ReadDep, sheet_id: UUID, response: Response) -> Any:
    return await _sheet(read, sheet_id, response)


@api.post("/evaluation-sheets/{sheet_id}/handing-in", allow=SHEET, response_model=SheetRead)
async def hand_in_sheet(
    work: WorkDep, sheet_id: UUID, fields: SheetCreate, version: IfMatchDep, response: Response
) -> Any:
    """A score from 0 to 10 for each criterion, and a comment to the lead; with the last sheet the rule grades."""
    await actions.hand_in_sheet(work, sheet_id, fields, version)
    return await _sheet(work, sheet_id, response)


@api.post("/evaluation-sheets/{sheet_id}/decline", allow=SHEET, response_model=SheetRead)
async def decline_sheet(
    work: WorkDep, sheet_id: UUID, fields: EvaluationReasonCreate, version: IfMatchDep, response: Response
) -> Any:
    await actions.decline_sheet(work, sheet_id, fields.reason, version)
    return await _sheet(work, sheet_id, response)


@api.post("/follow-ups/{follow_up_id}/answer", allow=REPORT, response_model=FollowUpRead)
async def answer_follow_up(
    work: WorkDep, follow_up_id: UUID, fields: FollowUpCreate, version: IfMatchDep, response: Response
) -> Any:
    """Use, income and jobs from the results since the completion."""
    follow_up = await following.answer_follow_up(work, follow_up_id, fields, version)
    response.headers["ETag"] = etag(follow_up.version)
    found = await queries.follow_ups_of(work, follow_up.project_id)
    return next(one for one in found if one["id"] == follow_up.id)
