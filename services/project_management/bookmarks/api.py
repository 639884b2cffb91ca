"""What people keep, for programs: always their own."""

from uuid import UUID

from fastapi import Response

from services.project_management.bookmarks import actions, queries
from services.project_management.bookmarks.rules import OWN, SAVE
from services.project_management.bookmarks.schemas import SavedList, SearchCreate
from shared.db.work import Rows
from shared.web.edge import Json, ReadDep, WorkDep, api_room

api = api_room("bookmarks")


async def _answer(rows: Rows, status: int = 200) -> Response:
    return Json(await queries.saved(rows), status_code=status)


@api.get("/saved", allow=SAVE, response_model=SavedList)
async def get_saved(read: ReadDep) -> Response:
    """The calls and searches that you keep. Nobody else sees them."""
    return await _answer(read)


@api.post("/calls/{call_id}/saving", allow=SAVE, response_model=SavedList)
async def save_call(work: WorkDep, call_id: UUID) -> Response:
    """Keep a call: you are told when it changes, closes within a week or is cancelled."""
    await actions.save_call(work, call_id)
    await work.flush()
    return await _answer(work)


@api.post("/calls/{call_id}/unsaving", allow=SAVE, response_model=SavedList)
async def unsave_call(work: WorkDep, call_id: UUID) -> Response:
    await actions.unsave_call(work, call_id)
    await work.flush()
    return await _answer(work)


@api.post("/calls/{call_id}/noting", allow=SAVE, response_model=SavedList)
async def note_call(work: WorkDep, call_id: UUID) -> Response:
    """You have read its news."""
    await actions.note_call(work, call_id)
    await work.flush()
    return await _answer(work)


@api.post("/saved-searches", allow=SAVE, status_code=201, response_model=SavedList)
async def save_search(work: WorkDep, fields: SearchCreate) -> Response:
    await actions.save_search(work, fields)
    await work.flush()
    return await _answer(work, 201)


@api.post("/saved-searches/{search_id}/removal", allow=OWN, response_model=SavedList)
async def remove_search(work: WorkDep, search_id: UUID) -> Response:
    await actions.remove_search(work, search_id)
    await work.flush()
    return await _answer(work)


@api.post("/saved-searches/{search_id}/noting", allow=OWN, response_model=SavedList)
async def note_search(work: WorkDep, search_id: UUID) -> Response:
    await actions.note_search(work, search_id)
    await work.flush()
    return await _answer(work)
