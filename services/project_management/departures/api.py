"""Partners that leave after the submission, for programs."""

from typing import Any
from uuid import UUID

from fastapi import Response

from services.project_management.applications.rules import READ
from services.project_management.departures import actions, queries
from services.project_management.departures.rules import ANSWER, CONSENT, LEAVE
from services.project_management.departures.schemas import (
    DepartureList,
    DepartureRead,
    LeavingCreate,
    SuccessorAnswerCreate,
    SuccessorCreate,
    TakeoverCreate,
)
from shared.db.work import Rows, Work
from shared.web.edge import IfMatchDep, ReadDep, WorkDep, api_room, etag

api = api_room("departures")


@api.get("/applications/{application_id}/departures", allow=READ, response_model=DepartureList)
async def list_departures(read: ReadDep, application_id: UUID) -> Any:
    """The partners that left after the submission, and what became of their parts."""
    return await queries.departures(read, application_id)


@api.post("/applications/{application_id}/departures", allow=LEAVE, status_code=201, response_model=DepartureRead)
async def leave_application(
    work: WorkDep, application_id: UUID, fields: LeavingCreate, version: IfMatchDep, response: Response
) -> Any:
    """Leave an application that was handed in, for the partner that the asker represents."""
    departure = await actions.leave_application(work, application_id, fields, version)
    response.headers["Location"] = f"/projects/api/v1/applications/{application_id}/departures"
    return await _answer(work, departure.id, response)


@api.post("/departures/{departure_id}/successor", allow=ANSWER, response_model=DepartureRead)
async def ask_successor(
    work: WorkDep, departure_id: UUID, fields: SuccessorCreate, version: IfMatchDep, response: Response
) -> Any:
    """Ask another organisation to take the part."""
    await actions.ask_successor(work, departure_id, fields, version)
    return await _answer(work, departure_id, response)


@api.post("/departures/{departure_id}/takeover", allow=ANSWER, response_model=DepartureRead)
async def take_over(
    work: WorkDep, departure_id: UUID, fields: TakeoverCreate, version: IfMatchDep, response: Response
) -> Any:
    """The lead does the part itself."""
    await actions.take_over(work, departure_id, fields, version)
    return await _answer(work, departure_id, response)


@api.post("/departures/{departure_id}/consent", allow=CONSENT, response_model=DepartureRead | None)
async def answer_for_successor(
    work: WorkDep, departure_id: UUID, fields: SuccessorAnswerCreate, version: IfMatchDep, response: Response
) -> Any:
    """Take the part, or do not; who does not sees nothing of the application any more, and is answered with null."""
    await actions.answer_for_successor(work, departure_id, fields, version)
    return await _answer(work, departure_id, response) if fields.decision == "consent" else None


async def _answer(rows: Rows | Work, departure_id: UUID, response: Response) -> dict[str, Any]:
    if isinstance(rows, Work):
        await rows.flush()
    found = await queries.departure(rows, departure_id)
    response.headers["ETag"] = etag(found["version"])
    return found
