"""Panel meetings, for programs."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.project_management.panels import actions, queries
from services.project_management.panels.rules import READ, RUN, SIT, PanelNotReady
from services.project_management.panels.schemas import (
    PanelCreate,
    PanelList,
    PanelRead,
    PanelReasonCreate,
    RecommendationCreate,
    RecusalCreate,
)
from services.project_management.panels.words import both_papers
from services.project_management.receipts.queries import paper
from services.project_management.receipts.sending import PDF, paper_answer
from shared.db.work import Work
from shared.kernel.marks import N_
from shared.web.edge import IfMatchDep, ReadDep, WorkDep, api_room, etag

api = api_room("panels")


@api.post("/calls/{call_id}/panel", allow=RUN, status_code=201, response_model=PanelRead)
async def convene_panel(work: WorkDep, call_id: UUID, fields: PanelCreate, response: Response) -> Any:
    """Ask experts to sit over the ranking of a call."""
    panel = await actions.convene_panel(work, call_id, fields)
    response.headers["Location"] = f"/projects/api/v1/panels/{panel.id}"
    return await _answer(work, panel.id, response)


@api.get("/panels", allow=READ, response_model=PanelList)
async def list_panels(read: ReadDep) -> Any:
    """The meetings that the asker sits in, or, for the offices, all: the newest 200."""
    return {"items": await queries.panels(read)}


@api.get("/panels/{panel_id}", allow=READ, response_model=PanelRead)
async def get_panel(read: ReadDep, panel_id: UUID, response: Response) -> Any:
    """One meeting with its agenda; a member reads nothing of what the member is recused from."""
    found = await queries.panel(read, panel_id)
    response.headers["ETag"] = etag(found["version"])
    return found


@api.post("/panels/{panel_id}/opening", allow=SIT, response_model=PanelRead)
async def open_meeting(work: WorkDep, panel_id: UUID, version: IfMatchDep, response: Response) -> Any:
    """The chair opens the meeting."""
    await actions.open_meeting(work, panel_id, version)
    return await _answer(work, panel_id, response)


@api.post("/panels/{panel_id}/recusals", allow=SIT, response_model=PanelRead)
async def declare_recusal(
    work: WorkDep, panel_id: UUID, fields: RecusalCreate, version: IfMatchDep, response: Response
) -> Any:
    """Do not judge an application, from now on."""
    await actions.declare_recusal(work, panel_id, fields, version)
    return await _answer(work, panel_id, response)


@api.post("/panels/{panel_id}/recommendations", allow=SIT, response_model=PanelRead)
async def record_recommendation(
    work: WorkDep, panel_id: UUID, fields: RecommendationCreate, version: IfMatchDep, response: Response
) -> Any:
    """Write down what the panel says of one application."""
    await actions.record_recommendation(work, panel_id, fields, version)
    return await _answer(work, panel_id, response)


@api.post("/panels/{panel_id}/closing", allow=SIT, response_model=PanelRead)
async def close_minutes(work: WorkDep, panel_id: UUID, version: IfMatchDep, response: Response) -> Any:
    """The chair closes the minutes."""
    await actions.close_minutes(work, panel_id, version)
    return await _answer(work, panel_id, response)


@api.post("/panels/{panel_id}/confirmation", allow=SIT, response_model=PanelRead)
async def confirm_minutes(work: WorkDep, panel_id: UUID, version: IfMatchDep, response: Response) -> Any:
    """A member confirms the closed minutes."""
    await actions.confirm_minutes(work, panel_id, version)
    return await _answer(work, panel_id, response)


@api.post("/panels/{panel_id}/cancellation", allow=RUN, response_model=PanelRead)
async def cancel_panel(
    work: WorkDep, panel_id: UUID, fields: PanelReasonCreate, version: IfMatchDep, response: Response
) -> Any:
    """Call the meeting off."""
    await actions.cancel_panel(work, panel_id, fields.reason, version)
    return await _answer(work, panel_id, response)


@api.get(
    "/panels/{panel_id}/minutes",
    allow=READ,
    responses=PDF,
)
async def get_minutes(request: Request, read: ReadDep, panel_id: UUID) -> Response:
    """The closed minutes as PDF, in the language asked for and then in the other."""
    found = await queries.panel(read, panel_id)
    if found["sha256"] is None:
        raise PanelNotReady(N_("The minutes are not closed yet."))
    issued = await paper(read, "minutes", panel_id)
    if issued is None:
        raise PanelNotReady(N_("The minutes are not closed yet."))
    number = issued["number"]
    return await paper_answer(request, lambda platform, key: both_papers(found, number, platform, key), number)


async def _answer(work: Work, panel_id: UUID, response: Response) -> dict[str, Any]:
    await work.flush()
    found = await queries.panel(work, panel_id)
    response.headers["ETag"] = etag(found["version"])
    return found
