"""Products for programs."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.finance_matching.products import actions, queries
from services.finance_matching.products.model import Product
from services.finance_matching.products.rules import READ, WRITE, Kind, State
from services.finance_matching.products.schemas import ProductCreate, ProductList, ProductRead, ProductWithdrawal
from services.finance_matching.words import Stage
from shared.db.work import Work
from shared.web.edge import IfMatchDep, Json, ReadDep, WorkDep, api_room, etag
from shared.web.paging import CursorParam, LimitParam, SearchParam

api = api_room("products")


@api.get("/products", allow=READ, response_model=ProductList)
async def list_products(
    read: ReadDep,
    search: SearchParam = "",
    state: Annotated[list[State] | None, Query()] = None,
    kind: Annotated[list[Kind] | None, Query()] = None,
    stage: Annotated[list[Stage] | None, Query()] = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Response:
    page = await queries.products(
        read,
        search=search,
        states=[s.value for s in state or []],
        kinds=[k.value for k in kind or []],
        stages=[s.value for s in stage or []],
        cursor=cursor,
        limit=limit,
    )
    return Json({"items": page.items, "next_cursor": page.next_cursor})


@api.post("/products", allow=WRITE, status_code=201, response_model=ProductRead)
async def draft_product(work: WorkDep, fields: ProductCreate) -> Response:
    return await _shown(work, await actions.draft_product(work, fields), created=True)


@api.get("/products/{product_id}", allow=READ, response_model=ProductRead)
async def get_product(read: ReadDep, product_id: UUID) -> Response:
    row = await queries.product(read, product_id)
    return Json(row, headers={"ETag": etag(row["version"])})


@api.put("/products/{product_id}", allow=WRITE, response_model=ProductRead)
async def edit_product(work: WorkDep, product_id: UUID, fields: ProductCreate, version: IfMatchDep) -> Response:
    return await _shown(work, await actions.edit_product(work, product_id, fields, version))


@api.post("/products/{product_id}/publication", allow=WRITE, response_model=ProductRead)
async def publish_product(work: WorkDep, product_id: UUID, version: IfMatchDep) -> Response:
    return await _shown(work, await actions.publish_product(work, product_id, version))


@api.post("/products/{product_id}/withdrawal", allow=WRITE, response_model=ProductRead)
async def withdraw_product(work: WorkDep, product_id: UUID, fields: ProductWithdrawal, version: IfMatchDep) -> Response:
    return await _shown(work, await actions.withdraw_product(work, product_id, fields.reason, version))


async def _shown(work: Work, product: Product, *, created: bool = False) -> Response:
    row = await queries.product(work, product.id)
    headers = {"ETag": etag(product.version)}
    if created:
        headers["Location"] = f"/finance/api/v1/products/{product.id}"
    return Json(row, status_code=201 if created else 200, headers=headers)
