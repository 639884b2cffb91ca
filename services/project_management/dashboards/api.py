"""The officers' dashboard for programs."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.project_management.dashboards import queries
from services.project_management.dashboards.rules import SEE
from services.project_management.dashboards.schemas import DashboardRead
from shared.web.edge import Json, ReadDep, api_room

api = api_room("dashboards")


@api.get("/dashboard", allow=SEE, response_model=DashboardRead)
async def get_dashboard(
    read: ReadDep,
    office_id: Annotated[list[UUID] | None, Query(max_length=20)] = None,
    call_id: UUID | None = None,
) -> Response:
    """How far applications are, what waits at whom, what was on time and what is late now."""
    cut: queries.Cut = {"offices": office_id or None, "call_id": call_id}
    if call_id is not None:
        await queries.course_of(read, call_id)
    found = await queries.everything(read, cut)
    return Json(
        {
            "funnel": found.whole,
            "calls": found.calls,
            "waiting": found.tallies,
            "late": found.late,
            "experts": found.experts,
            "on_time": found.kept,
        }
    )
