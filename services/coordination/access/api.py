"""Accounts, roles, clearance and sign-ins for programs."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from services.coordination.access import actions, queries
from services.coordination.access.rules import ADMINISTER, GRANT, READ, REVOKE, REVOKE_SESSIONS, SELF
from services.coordination.access.schemas import (
    AccountList,
    AccountRead,
    ClearanceUpdate,
    GrantCreate,
    GrantRead,
    MeRead,
    RevocationCreate,
    SubjectGrantCreate,
)
from shared.kernel.types import Role
from shared.web.edge import ActorDep, IfMatchDep, Json, ReadDep, WorkDep, api_room, etag
from shared.web.paging import CursorParam, LimitParam, SearchParam

api = api_room("access")


@api.get("/me", allow=SELF, response_model=MeRead)
async def get_me(actor: ActorDep) -> Any:
    return {
        "subject": actor.subject,
        "name": actor.name,
        "clearance": actor.clearance,
        "acting_for": actor.organisation(),
        "scopes": sorted(actor.scopes),
        "roles": [
            {"role": g.role, "organisation_id": g.organisation_id, "organisation_name": g.organisation_name}
            for g in actor.grants
        ],
    }


@api.get("/accounts", allow=READ, response_model=AccountList)
async def list_accounts(
    read: ReadDep,
    search: SearchParam = "",
    role: Annotated[list[Role] | None, Query(description="Holding one of these roles now")] = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Response:
    page = await queries.accounts(read, search=search, roles=[r.value for r in role or []], cursor=cursor, limit=limit)
    return Json({"items": page.items, "next_cursor": page.next_cursor})


@api.get("/accounts/{account_id}", allow=READ, response_model=AccountRead)
async def get_account(read: ReadDep, account_id: UUID) -> Response:
    row = await queries.account(read, account_id)
    return Json(row, headers={"ETag": etag(row["version"])})


@api.post("/accounts/{account_id}/grants", allow=GRANT, status_code=201, response_model=GrantRead)
async def grant_role(work: WorkDep, account_id: UUID, fields: GrantCreate, response: Response) -> Any:
    grant = await actions.grant_role(work, account_id, fields)
    response.headers["Location"] = f"/api/v1/accounts/{grant.account_id}"
    return queries.grant_with_state(work, grant.model_dump())


@api.post("/grants", allow=GRANT, status_code=201, response_model=GrantRead)
async def grant_role_to_subject(work: WorkDep, fields: SubjectGrantCreate, response: Response) -> Any:
    """Grant a role by the person's name at the sign-in provider; the person need not have signed in yet."""
    grant = await actions.grant_role_to_subject(work, fields)
    response.headers["Location"] = f"/api/v1/accounts/{grant.account_id}"
    return queries.grant_with_state(work, grant.model_dump())


@api.post("/grants/{grant_id}/revocation", allow=REVOKE, response_model=GrantRead)
async def revoke_role(work: WorkDep, grant_id: UUID, fields: RevocationCreate) -> Any:
    grant = await actions.revoke_role(work, grant_id, fields)
    return queries.grant_with_state(work, grant.model_dump())


@api.put("/accounts/{account_id}/clearance", allow=ADMINISTER, response_model=AccountRead)
async def set_clearance(
    work: WorkDep, account_id: UUID, fields: ClearanceUpdate, version: IfMatchDep, response: Response
) -> Any:
    account = await actions.set_clearance(work, account_id, fields, version)
    response.headers["ETag"] = etag(account.version)
    return await queries.account(work, account_id)


@api.post("/accounts/{account_id}/session-revocation", allow=REVOKE_SESSIONS, status_code=204)
async def revoke_sessions(work: WorkDep, account_id: UUID) -> Response:
    """End every sign-in and token of the person, in every service, within seconds."""
    await actions.revoke_sessions(work, account_id)
    return Response(status_code=204)
