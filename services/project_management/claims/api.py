"""Budgets and claims for programs."""

from typing import Any
from uuid import UUID

from fastapi import Response

from services.project_management.budgets.queries import budget
from services.project_management.budgets.schemas import BudgetRead
from services.project_management.claims import actions, queries
from services.project_management.claims.rules import CLAIM, JUDGE, READ
from services.project_management.claims.schemas import (
    ApprovalCreate,
    ClaimCreate,
    ClaimList,
    ClaimRead,
    ClaimReasonCreate,
    ClaimUpdate,
    MoneyRead,
)
from services.project_management.delivery.queries import project
from shared.db.work import Rows
from shared.web.edge import IfMatchDep, ReadDep, WorkDep, api_room, etag

api = api_room("claims")


async def _claim(rows: Rows, claim_id: UUID, response: Response) -> Any:
    row = await queries.claim(rows, claim_id)
    response.headers["ETag"] = etag(row["version"])
    return row


@api.get("/projects/{project_id}/budget", allow=READ, response_model=BudgetRead)
async def get_budget(read: ReadDep, project_id: UUID) -> Any:
    """Each line with what was claimed against it."""
    found = await project(read, project_id, READ)
    lines = await budget(read, project_id, found["amount_currency"])
    return {"project_id": project_id, "amount": found["amount"], "lines": lines}


@api.get("/money", allow=READ, response_model=MoneyRead)
async def get_money(read: ReadDep) -> Any:
    """Claims and tranches that wait, and how much of each running project's award is used."""
    return await queries.money(read)


@api.get("/projects/{project_id}/claims", allow=READ, response_model=ClaimList)
async def list_claims(read: ReadDep, project_id: UUID) -> Any:
    await project(read, project_id, READ)
    return {"items": await queries.claims(read, project_id)}


@api.post("/projects/{project_id}/claims", allow=CLAIM, status_code=201, response_model=ClaimRead)
async def submit_claim(work: WorkDep, project_id: UUID, fields: ClaimCreate, response: Response) -> Any:
    """Claim what was spent; refused with the line and the gap where the budget does not cover it."""
    claim = await actions.submit_claim(work, project_id, fields)
    response.headers["Location"] = f"/projects/api/v1/claims/{claim.id}"
    return await _claim(work, claim.id, response)


@api.get("/claims/{claim_id}", allow=READ, response_model=ClaimRead)
async def get_claim(read: ReadDep, claim_id: UUID, response: Response) -> Any:
    return await _claim(read, claim_id, response)


@api.put("/claims/{claim_id}", allow=CLAIM, response_model=ClaimRead)
async def resubmit_claim(
    work: WorkDep, claim_id: UUID, fields: ClaimUpdate, version: IfMatchDep, response: Response
) -> Any:
    """Hand in a returned claim again."""
    await actions.resubmit_claim(work, claim_id, fields, version)
    return await _claim(work, claim_id, response)


@api.post("/claims/{claim_id}/approval", allow=JUDGE, response_model=ClaimRead)
async def approve_claim(
    work: WorkDep, claim_id: UUID, fields: ApprovalCreate, version: IfMatchDep, response: Response
) -> Any:
    await actions.approve_claim(work, claim_id, fields.note, version)
    return await _claim(work, claim_id, response)


@api.post("/claims/{claim_id}/return", allow=JUDGE, response_model=ClaimRead)
async def return_claim(
    work: WorkDep, claim_id: UUID, fields: ClaimReasonCreate, version: IfMatchDep, response: Response
) -> Any:
    await actions.return_claim(work, claim_id, fields.reason, version)
    return await _claim(work, claim_id, response)


@api.post("/claims/{claim_id}/withdrawal", allow=CLAIM, response_model=ClaimRead)
async def withdraw_claim(
    work: WorkDep, claim_id: UUID, fields: ClaimReasonCreate, version: IfMatchDep, response: Response
) -> Any:
    await actions.withdraw_claim(work, claim_id, fields.reason, version)
    return await _claim(work, claim_id, response)
