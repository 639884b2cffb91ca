"""The versions of a call for programs."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response

from services.project_management.amendments import actions, queries
from services.project_management.amendments.rules import ACKNOWLEDGE, AMEND, CHANGES, JUDGE, READ, SEE
from services.project_management.amendments.schemas import (
    AcknowledgementCreate,
    AmendmentCreate,
    AmendmentRead,
    DifferencesRead,
    JudgementCreate,
    NewsRead,
    VersionList,
)
from services.project_management.applications import actions as applications
from services.project_management.applications.queries import application
from services.project_management.applications.schemas import ApplicationRead
from services.project_management.calls.schemas import ReasonCreate
from services.project_management.differences import DifferenceRead
from shared.db.work import Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_
from shared.web.edge import IfMatchDep, Json, ReadDep, WorkDep, api_room, etag

api = api_room("amendments")
Number = Annotated[int, Path(ge=1, le=10_000)]
Since = Annotated[int | None, Query(ge=1, le=10_000, description="The version to compare with; the one before")]


@api.get("/calls/{call_id}/versions", allow=READ, response_model=VersionList)
async def list_versions(read: ReadDep, call_id: UUID) -> Response:
    return Json({"items": await queries.versions(read, call_id)})


@api.get("/calls/{call_id}/versions/{number}/differences", allow=READ, response_model=DifferencesRead)
async def get_differences(read: ReadDep, call_id: UUID, number: Number, since: Since = None) -> Response:
    """What differs from an earlier version, field by field, in texts word by word."""
    earlier = since or max(number - 1, 1)
    found = await queries.changes(read, call_id, earlier, number)
    changes = [DifferenceRead.of(one).model_dump() for one in found]
    return Json({"since": earlier, "until": number, "changes": changes})


@api.get("/calls/{call_id}/amendment", allow=SEE, response_model=AmendmentRead)
async def get_amendment(read: ReadDep, call_id: UUID) -> Response:
    """The amendment that waits for its signature, or the last one."""
    return await _amendment(read, call_id)


@api.post("/calls/{call_id}/amendment", allow=AMEND, status_code=201, response_model=AmendmentRead)
async def request_amendment(work: WorkDep, call_id: UUID, fields: AmendmentCreate, version: IfMatchDep) -> Response:
    """Ask for an amendment; If-Match names the call's version. It holds when every office of the chain has signed."""
    await actions.request_amendment(work, call_id, fields, version)
    await work.flush()
    return await _amendment(work, call_id, status=201)


@api.post("/calls/{call_id}/amendment/judgement", allow=JUDGE, response_model=AmendmentRead)
async def judge_amendment(work: WorkDep, call_id: UUID, fields: JudgementCreate, version: IfMatchDep) -> Response:
    """Sign for the office whose turn it is, or decline for any office of the chain."""
    await actions.judge_amendment(work, call_id, fields, version)
    await work.flush()
    return await _amendment(work, call_id)


@api.post("/calls/{call_id}/amendment/withdrawal", allow=AMEND, response_model=AmendmentRead)
async def withdraw_amendment(work: WorkDep, call_id: UUID, fields: ReasonCreate, version: IfMatchDep) -> Response:
    await actions.withdraw_amendment(work, call_id, fields.reason, version)
    await work.flush()
    return await _amendment(work, call_id)


async def _amendment(rows: Rows, call_id: UUID, *, status: int = 200) -> Response:
    found = await queries.latest(rows, call_id)
    if found is None:
        raise NotFound(N_("Nobody has asked for an amendment of this call."))
    body = found | {"changes": [DifferenceRead.of(one).model_dump() for one in found["changes"]]}
    return Json(body, status_code=status, headers={"ETag": etag(found["version"])})


@api.get("/applications/{application_id}/call-changes", allow=CHANGES, response_model=NewsRead)
async def get_call_changes(read: ReadDep, application_id: UUID) -> Response:
    """What changed in the call since the lead of the application last read it."""
    news = await queries.news_for(read, application_id)
    return Json(news | {"changes": [DifferenceRead.of(one).model_dump() for one in news["changes"]]})


@api.post("/applications/{application_id}/acknowledgement", allow=ACKNOWLEDGE, response_model=ApplicationRead)
async def acknowledge(work: WorkDep, application_id: UUID, fields: AcknowledgementCreate) -> Response:
    await applications.acknowledge_call(work, application_id, fields.call_version)
    row = await application(work, application_id)
    return Json(row, headers={"ETag": etag(row["version"])})
