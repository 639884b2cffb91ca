"""Budgets of applications for programs."""

from typing import Any
from uuid import UUID

from fastapi import Response

from services.project_management.applications.outlook import plainly
from services.project_management.cost_plans import actions, queries
from services.project_management.cost_plans.rules import READ, WRITE
from services.project_management.cost_plans.schemas import CostPlanRead, LinesUpdate
from shared.db.work import Rows
from shared.web.edge import IfMatchDep, Json, ReadDep, WorkDep, api_room, etag

api = api_room("cost_plans")


async def _answer(rows: Rows, application_id: UUID, version: int | None = None) -> Response:
    found = await queries.plan(rows, application_id)
    body: dict[str, Any] = {
        "application_id": application_id,
        "requested": found.application["requested"],
        "terms": found.terms,
        "live": found.live,
        "parts": [
            {
                "organisation_id": one.id,
                "name": one.name,
                "version": one.version,
                "saved_by": one.saved_by,
                "saved_at": one.saved_at,
                "may_write": one.may_write,
                "lines": one.lines,
            }
            for one in found.parts
        ],
        "clauses": [one.clause(plainly).model_dump() for one in found.findings],
    }
    return Json(body, headers={"ETag": etag(version)} if version is not None else {})


@api.get("/applications/{application_id}/budget", allow=READ, response_model=CostPlanRead)
async def get_cost_plan(read: ReadDep, application_id: UUID) -> Response:
    """What each organisation needs by category and year, as written so far or handed in, and whether it is sound."""
    return await _answer(read, application_id)


@api.put("/applications/{application_id}/budget/{organisation_id}", allow=WRITE, response_model=CostPlanRead)
async def save_lines(
    work: WorkDep, application_id: UUID, organisation_id: UUID, fields: LinesUpdate, version: IfMatchDep
) -> Response:
    """Save one organisation's lines. If-Match names the version of its part, "0" before the first save."""
    lines = [one.model_dump(mode="json") for one in fields.lines]
    saved = await actions.save_lines(work, application_id, organisation_id, lines, version)
    return await _answer(work, application_id, saved)
