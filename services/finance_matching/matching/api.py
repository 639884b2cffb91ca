"""Matches for programs."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from services.finance_matching.matching import actions, queries
from services.finance_matching.matching.rules import ANSWER, READ, READ_OF_NEED, State
from services.finance_matching.matching.schemas import DeclinationCreate, InterestCreate, MatchList, MatchRead
from shared.kernel.trace import Outcome
from shared.web.edge import IfMatchDep, Json, ReadDep, WorkDep, api_room, etag
from shared.web.paging import CursorParam, LimitParam, SearchParam

api = api_room("matches")


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("rank", "distance")}


@api.get("/matches", allow=READ, response_model=MatchList)
async def list_matches(
    read: ReadDep,
    search: SearchParam = "",
    outcome: Annotated[list[Outcome] | None, Query()] = None,
    state: Annotated[list[State] | None, Query()] = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Response:
    page = await queries.matches(
        read,
        search=search,
        outcomes=[str(o) for o in outcome or []],
        states=[s.value for s in state or []],
        cursor=cursor,
        limit=limit,
    )
    return Json({"items": [_plain(row) for row in page.items], "next_cursor": page.next_cursor})


@api.get("/needs/{need_id}/matches", allow=READ_OF_NEED, response_model=MatchList)
async def list_matches_of_need(
    read: ReadDep, need_id: UUID, cursor: CursorParam = None, limit: LimitParam = 50
) -> Response:
    page = await queries.matches_of_need(read, need_id, cursor=cursor, limit=limit)
    return Json({"items": [_plain(row) for row in page.items], "next_cursor": page.next_cursor})


@api.get("/matches/{match_id}", allow=READ, response_model=MatchRead)
async def get_match(read: ReadDep, match_id: UUID) -> Response:
    row = await queries.match(read, match_id)
    return Json(_plain(row), headers={"ETag": etag(row["version"])})


@api.post("/matches/{match_id}/interest", allow=ANSWER, response_model=MatchRead)
async def express_interest(work: WorkDep, match_id: UUID, fields: InterestCreate, version: IfMatchDep) -> Response:
    match = await actions.express_interest(work, match_id, fields, version)
    return Json(_plain(await queries.match(work, match.id)), headers={"ETag": etag(match.version)})


@api.post("/matches/{match_id}/declination", allow=ANSWER, response_model=MatchRead)
async def decline_match(work: WorkDep, match_id: UUID, fields: DeclinationCreate, version: IfMatchDep) -> Response:
    match = await actions.decline_match(work, match_id, fields, version)
    return Json(_plain(await queries.match(work, match.id)), headers={"ETag": etag(match.version)})
