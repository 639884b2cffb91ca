"""Achievements for programs."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from services.resource_catalog.achievements import actions, queries
from services.resource_catalog.achievements.model import Achievement
from services.resource_catalog.achievements.rules import DRAFT, READ, REVIEW, Kind, State
from services.resource_catalog.achievements.schemas import (
    AchievementChange,
    AchievementCreate,
    AchievementDetail,
    AchievementList,
    SecurityReviewCreate,
)
from shared.db.work import Work
from shared.web.edge import IfMatchDep, Json, ReadDep, WorkDep, api_room, etag
from shared.web.paging import CursorParam, LimitParam, SearchParam

api = api_room("achievements")


@api.get("/achievements", allow=READ, response_model=AchievementList)
async def list_achievements(
    read: ReadDep,
    search: SearchParam = "",
    state: Annotated[list[State] | None, Query()] = None,
    kind: Annotated[list[Kind] | None, Query()] = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Response:
    page = await queries.achievements(
        read,
        search=search,
        states=[one.value for one in state or []],
        kinds=[one.value for one in kind or []],
        cursor=cursor,
        limit=limit,
    )
    return Json({"items": page.items, "next_cursor": page.next_cursor})


@api.post("/achievements", allow=DRAFT, status_code=201, response_model=AchievementDetail)
async def draft_achievement(work: WorkDep, fields: AchievementCreate, response: Response) -> Any:
    achievement = await actions.draft_achievement(work, fields)
    response.headers["Location"] = f"/catalog/api/v1/achievements/{achievement.id}"
    return await _shown(work, achievement, response)


@api.get("/achievements/{achievement_id}", allow=READ, response_model=AchievementDetail)
async def get_achievement(read: ReadDep, achievement_id: UUID) -> Response:
    row = await queries.achievement(read, achievement_id)
    shown = {name: row[name] for name in AchievementDetail.model_fields}
    return Json(shown, headers={"ETag": etag(row["version"])})


@api.patch("/achievements/{achievement_id}", allow=DRAFT, response_model=AchievementDetail)
async def edit_achievement(
    work: WorkDep, achievement_id: UUID, fields: AchievementChange, version: IfMatchDep, response: Response
) -> Any:
    return await _shown(work, await actions.edit_achievement(work, achievement_id, fields, version), response)


@api.post("/achievements/{achievement_id}/release-request", allow=DRAFT, response_model=AchievementDetail)
async def request_release(work: WorkDep, achievement_id: UUID, version: IfMatchDep, response: Response) -> Any:
    return await _shown(work, await actions.request_release(work, achievement_id, version), response)


@api.post("/achievements/{achievement_id}/security-review", allow=REVIEW, response_model=AchievementDetail)
async def review_security(
    work: WorkDep, achievement_id: UUID, fields: SecurityReviewCreate, version: IfMatchDep, response: Response
) -> Any:
    return await _shown(work, await actions.review_security(work, achievement_id, fields, version), response)


@api.post("/achievements/{achievement_id}/release", allow=DRAFT, response_model=AchievementDetail)
async def release_achievement(work: WorkDep, achievement_id: UUID, version: IfMatchDep, response: Response) -> Any:
    return await _shown(work, await actions.release_achievement(work, achievement_id, version), response)


async def _shown(work: Work, achievement: Achievement, response: Response) -> dict[str, Any]:
    response.headers["ETag"] = etag(achievement.version)
    return await queries.achievement(work, achievement.id)
