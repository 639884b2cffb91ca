"""Released calls and awards for other systems: the routes of the CommonGrants protocol, below `/api/v1`."""

import math
from typing import Annotated, Any
from uuid import UUID

from common_grants_sdk.schemas.pydantic import (
    AwardResponse,
    AwardsListResponse,
    OpportunitiesListResponse,
    OpportunitiesSearchResponse,
    OpportunityResponse,
)
from fastapi import Query, Request, Response
from pydantic import BaseModel

from services.project_management.interchange import queries, rules
from services.project_management.interchange.rules import READ
from services.project_management.interchange.schemas import MOST, OpportunitySearch
from shared.web.edge import Json, ReadDep, api_room, service_of

api = api_room("interchange")
Page = Annotated[int, Query(ge=1, le=10_000, description="Number of the page")]
Size = Annotated[int, Query(ge=1, le=MOST, alias="pageSize", description="Items a page")]
FAR = 10_000


def shape(name: str) -> dict[int | str, dict[str, Any]]:
    """How an answer is documented: the protocol's own schema says more than JSON Schema checks rightly (its times of
    day have no zone)."""
    words = f"{name} of the CommonGrants protocol, https://commongrants.org"
    return {200: {"description": words, "content": {"application/json": {"schema": {"type": "object"}}}}}


def _answer(shape: type[BaseModel], **content: Any) -> Response:
    """Checked against the protocol's own model before it leaves."""
    checked = shape.model_validate({"status": 200, "message": "Success", **content})
    return Json(checked.model_dump(mode="json", by_alias=True, exclude_none=True))


def _pages(page: int, size: int, total: int) -> dict[str, int]:
    return {"page": page, "pageSize": size, "totalItems": total, "totalPages": math.ceil(total / size)}


def _listed(request: Request, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    address = service_of(request).settings.address
    return [rules.listed(rules.opportunity(row, address)).model_dump(by_alias=True) for row in found]


@api.get("/common-grants/opportunities", allow=READ, responses=shape("OpportunitiesListResponse"))
async def list_opportunities(request: Request, read: ReadDep, page: Page = 1, page_size: Size = MOST) -> Response:
    """Released calls, those that changed last first."""
    found, total = await queries.opportunities(read, page=page, size=page_size)
    return _answer(
        OpportunitiesListResponse, items=_listed(request, found), paginationInfo=_pages(page, page_size, total)
    )


@api.post("/common-grants/opportunities/search", allow=READ, responses=shape("OpportunitiesSearchResponse"))
async def search_opportunities(request: Request, read: ReadDep, asked: OpportunitySearch) -> Response:
    """Changes nothing: the question is only too long for an address."""
    page, size = min(asked.pagination.page, FAR), min(asked.pagination.page_size, MOST)
    order = "asc" if asked.sorting.sort_order == "asc" else "desc"
    found, total = await queries.opportunities(
        read, page=page, size=size, search=asked.search or "", asked=asked.asked(), sort=asked.sort, order=order
    )
    unsorted = [] if asked.sort == asked.sorting.sort_by.value else ["This order is not supported."]
    filters = asked.filters.model_dump(mode="json", by_alias=True, exclude_none=True) if asked.filters else {}
    return _answer(
        OpportunitiesSearchResponse,
        items=_listed(request, found),
        paginationInfo=_pages(page, size, total),
        sortInfo={"sortBy": asked.sort, "sortOrder": order, "errors": unsorted},
        filterInfo={"filters": filters, "errors": asked.ignored()},
    )


@api.get("/common-grants/opportunities/{call_id}", allow=READ, responses=shape("OpportunityResponse"))
async def get_opportunity(request: Request, read: ReadDep, call_id: UUID) -> Response:
    found = rules.opportunity(await queries.opportunity(read, call_id), service_of(request).settings.address)
    return _answer(OpportunityResponse, data=found.model_dump(by_alias=True))


@api.get("/common-grants/awards", allow=READ, responses=shape("AwardsListResponse"))
async def list_awards(request: Request, read: ReadDep, page: Page = 1, page_size: Size = MOST) -> Response:
    """Awards that a public notice named, or that were decided without one, once they are final."""
    found, total = await queries.awards(read, page=page, size=page_size)
    address = service_of(request).settings.address
    items = [rules.award(row, address).model_dump(by_alias=True) for row in found]
    return _answer(AwardsListResponse, items=items, paginationInfo=_pages(page, page_size, total))


@api.get("/common-grants/awards/{funded_id}", allow=READ, responses=shape("AwardResponse"))
async def get_public_award(request: Request, read: ReadDep, funded_id: UUID) -> Response:
    found = rules.award(await queries.award(read, funded_id), service_of(request).settings.address)
    return _answer(AwardResponse, data=found.model_dump(by_alias=True))
