"""Applications for programs."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query, Response

from services.project_management.applications import actions, facts, queries
from services.project_management.applications.eligibility import may_submit
from services.project_management.applications.outlook import told_plainly
from services.project_management.applications.rules import CHECK, CONSENT, DRAFT, READ, WRITE, State
from services.project_management.applications.schemas import (
    ApplicationChange,
    ApplicationCreate,
    ApplicationList,
    ApplicationRead,
    AttachmentCreate,
    CheckCreate,
    ChecksCreate,
    ChecksRead,
    ConsentCreate,
    EligibilityRead,
    WithdrawalCreate,
)
from shared.db.work import Rows
from shared.web.edge import IfMatchDep, Json, ReadDep, WorkDep, api_room, etag
from shared.web.paging import CursorParam, LimitParam, SearchParam

api = api_room("applications")
INSIDE = ("office_id", "partner_ids")
"""What the page needs to know and programs do not."""
SortParam = Literal[
    "created_at",
    "-created_at",
    "title",
    "-title",
    "lead_name",
    "-lead_name",
    "call_title",
    "-call_title",
    "requested",
    "-requested",
]


async def _answer(rows: Rows, application_id: UUID, *, created: bool = False) -> Response:
    row = await queries.application(rows, application_id)
    headers = {"ETag": etag(row["version"])}
    if created:
        headers["Location"] = f"/projects/api/v1/applications/{application_id}"
    return Json(row, status_code=201 if created else 200, headers=headers)


@api.get("/applications", allow=READ, response_model=ApplicationList)
async def list_applications(
    read: ReadDep,
    search: SearchParam = "",
    state: Annotated[list[State] | None, Query()] = None,
    call_id: UUID | None = None,
    checked: Annotated[
        bool | None, Query(description="Of those submitted: whether the office has checked them")
    ] = None,
    sort: Annotated[SortParam, Query(description="With a minus: the other way round")] = "-created_at",
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Response:
    page = await queries.applications(
        read,
        search=search,
        states=[one.value for one in state or []],
        call_id=call_id,
        checked=checked,
        sort=sort,
        cursor=cursor,
        limit=limit,
    )
    items = [{name: value for name, value in one.items() if name not in INSIDE} for one in page.items]
    return Json({"items": items, "next_cursor": page.next_cursor})


@api.post("/applications", allow=DRAFT, status_code=201, response_model=ApplicationRead)
async def draft_application(work: WorkDep, fields: ApplicationCreate) -> Response:
    application = await actions.draft_application(work, fields)
    return await _answer(work, application.id, created=True)


@api.get("/applications/{application_id}", allow=READ, response_model=ApplicationRead)
async def get_application(read: ReadDep, application_id: UUID) -> Response:
    return await _answer(read, application_id)


@api.patch("/applications/{application_id}", allow=WRITE, response_model=ApplicationRead)
async def edit_application(
    work: WorkDep, application_id: UUID, fields: ApplicationChange, version: IfMatchDep
) -> Response:
    await actions.edit_application(work, application_id, fields, version)
    return await _answer(work, application_id)


@api.post("/applications/{application_id}/documents", allow=WRITE, response_model=ApplicationRead)
async def attach_document(
    work: WorkDep, application_id: UUID, fields: AttachmentCreate, version: IfMatchDep
) -> Response:
    await actions.attach_document(work, application_id, fields.document_id, version)
    return await _answer(work, application_id)


@api.post("/applications/{application_id}/documents/removals", allow=WRITE, response_model=ApplicationRead)
async def remove_document(
    work: WorkDep, application_id: UUID, fields: AttachmentCreate, version: IfMatchDep
) -> Response:
    """Take a document out of the draft; its organisation keeps it for use elsewhere."""
    await actions.remove_document(work, application_id, fields.document_id, version)
    return await _answer(work, application_id)


@api.post("/applications/{application_id}/consent", allow=CONSENT, response_model=ApplicationRead)
async def answer_for_partner(
    work: WorkDep, application_id: UUID, fields: ConsentCreate, version: IfMatchDep
) -> Response:
    await actions.answer_for_partner(work, application_id, fields, version)
    return await _answer(work, application_id)


@api.get("/applications/{application_id}/eligibility", allow=READ, response_model=EligibilityRead)
async def get_eligibility(read: ReadDep, application_id: UUID) -> Response:
    trace = await facts.eligibility(read, application_id)
    return Json({"may_submit": may_submit(trace), **told_plainly(trace.inputs), "trace": trace.model_dump(mode="json")})


@api.post("/applications/{application_id}/submission", allow=DRAFT, response_model=ApplicationRead)
async def submit_application(work: WorkDep, application_id: UUID, version: IfMatchDep) -> Response:
    await actions.submit_application(work, application_id, version)
    return await _answer(work, application_id)


@api.post("/applications/{application_id}/withdrawal", allow=DRAFT, response_model=ApplicationRead)
async def withdraw_application(
    work: WorkDep, application_id: UUID, fields: WithdrawalCreate, version: IfMatchDep
) -> Response:
    await actions.withdraw_application(work, application_id, fields.reason, version)
    return await _answer(work, application_id)


@api.post("/applications/checks", allow=CHECK, response_model=ChecksRead)
async def check_applications(work: WorkDep, fields: ChecksCreate) -> Response:
    """Note of up to a hundred that they are complete."""
    checked, already = await actions.check_applications(work, fields)
    return Json({"checked": checked, "already": already})


@api.post("/applications/{application_id}/check", allow=CHECK, response_model=ApplicationRead)
async def check_application(work: WorkDep, application_id: UUID, fields: CheckCreate, version: IfMatchDep) -> Response:
    await actions.check_application(work, application_id, fields, version)
    return await _answer(work, application_id)


@api.get(
    "/applications/{application_id}/versions/{number}",
    allow=READ,
    responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
)
async def get_submitted_version(
    read: ReadDep, application_id: UUID, number: Annotated[int, Path(ge=1, le=10_000)]
) -> Response:
    """The submitted text exactly as its SHA-256 was taken of it; the hash is the ETag."""
    row = await queries.submitted_version(read, application_id, number)
    return Response(row["content"].encode(), media_type="application/json", headers={"ETag": f'"{row["sha256"]}"'})
