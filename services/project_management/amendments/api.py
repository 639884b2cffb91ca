"""The versions of a call for programs."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response

from services.project_management.amendments import queries
from services.project_management.amendments.rules import ACKNOWLEDGE, CHANGES, READ
from services.project_management.amendments.schemas import (
    AcknowledgementCreate,
    DifferencesRead,
    NewsRead,
    VersionList,
)
from services.project_management.applications import actions as applications
from services.project_management.applications.queries import application
from services.project_management.applications.schemas import ApplicationRead
from services.project_management.differences import DifferenceRead
from shared.web.edge import Json, ReadDep, WorkDep, api_room, etag

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
