"""Risks for programs."""

from typing import Any
from uuid import UUID

from fastapi import Response

from services.project_management.delivery.queries import project
from services.project_management.risks import actions, queries
from services.project_management.risks.rules import READ, STANDARD, WRITE
from services.project_management.risks.schemas import (
    RiskCreate,
    RiskList,
    RiskNoteCreate,
    RiskRead,
    RiskReasonCreate,
    RiskUpdate,
)
from shared.db.work import Work
from shared.web.edge import IfMatchDep, ReadDep, WorkDep, api_room, etag

api = api_room("risks")


async def _risk(work: Work, risk_id: UUID, response: Response) -> Any:
    await work.flush()
    row = await queries.risk(work, risk_id)
    response.headers["ETag"] = etag(row["version"])
    return row


@api.get("/projects/{project_id}/risks", allow=READ, response_model=RiskList)
async def list_risks(read: ReadDep, project_id: UUID) -> Any:
    """The project's register: live ones first, the heaviest first."""
    await project(read, project_id)
    return {"scale": STANDARD, "items": await queries.risks(read, project_id)}


@api.post("/projects/{project_id}/risks", allow=WRITE, status_code=201, response_model=RiskRead)
async def record_risk(work: WorkDep, project_id: UUID, fields: RiskCreate, response: Response) -> Any:
    risk = await actions.record_risk(work, project_id, fields)
    response.headers["Location"] = f"/projects/api/v1/risks/{risk.id}"
    return await _risk(work, risk.id, response)


@api.get("/risks/{risk_id}", allow=READ, response_model=RiskRead)
async def get_risk(read: ReadDep, risk_id: UUID, response: Response) -> Any:
    row = await queries.risk(read, risk_id)
    response.headers["ETag"] = etag(row["version"])
    return row


@api.put("/risks/{risk_id}", allow=WRITE, response_model=RiskRead)
async def assess_risk(work: WorkDep, risk_id: UUID, fields: RiskUpdate, version: IfMatchDep, response: Response) -> Any:
    """Describe and weigh it anew; every earlier weight stays."""
    await actions.assess_risk(work, risk_id, fields, version)
    return await _risk(work, risk_id, response)


@api.post("/risks/{risk_id}/watch", allow=WRITE, response_model=RiskRead)
async def watch_risk(
    work: WorkDep, risk_id: UUID, fields: RiskNoteCreate, version: IfMatchDep, response: Response
) -> Any:
    await actions.watch_risk(work, risk_id, fields.reason, version)
    return await _risk(work, risk_id, response)


@api.post("/risks/{risk_id}/reopening", allow=WRITE, response_model=RiskRead)
async def reopen_risk(
    work: WorkDep, risk_id: UUID, fields: RiskNoteCreate, version: IfMatchDep, response: Response
) -> Any:
    await actions.reopen_risk(work, risk_id, fields.reason, version)
    return await _risk(work, risk_id, response)


@api.post("/risks/{risk_id}/occurrence", allow=WRITE, response_model=RiskRead)
async def tell_occurrence(
    work: WorkDep, risk_id: UUID, fields: RiskReasonCreate, version: IfMatchDep, response: Response
) -> Any:
    """It has happened: what it leads to is a change of the task book, or explains a delay."""
    await actions.tell_occurrence(work, risk_id, fields.reason, version)
    return await _risk(work, risk_id, response)


@api.post("/risks/{risk_id}/closing", allow=WRITE, response_model=RiskRead)
async def close_risk(
    work: WorkDep, risk_id: UUID, fields: RiskReasonCreate, version: IfMatchDep, response: Response
) -> Any:
    await actions.close_risk(work, risk_id, fields.reason, version)
    return await _risk(work, risk_id, response)
