"""Whether one could apply, for programs."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.project_management.applications.eligibility import eligibility, may_submit
from services.project_management.applications.outlook import told_plainly
from services.project_management.applications.schemas import EligibilityRead
from services.project_management.prospects import queries
from services.project_management.prospects.rules import ASK
from shared.web.edge import Json, ReadDep, api_room

api = api_room("prospects")


@api.get("/calls/{call_id}/eligibility", allow=ASK, response_model=EligibilityRead)
async def get_prospect(
    read: ReadDep,
    call_id: UUID,
    requested: Annotated[
        Decimal | None, Query(gt=0, max_digits=16, decimal_places=2, description="In the call's currency")
    ] = None,
    partner_id: Annotated[list[UUID] | None, Query(max_length=20)] = None,
) -> Response:
    """What an application of your organisation to this call would meet: clause by clause, before you write it."""
    inputs = await queries.prospect(read, call_id, requested=requested, partner_ids=partner_id or [])
    trace = eligibility(inputs)
    return Json({"may_submit": may_submit(trace), **told_plainly(inputs), "trace": trace.model_dump(mode="json")})
