"""The duplicate check for programs."""

from typing import Any
from uuid import UUID

from fastapi import Response

from services.project_management.duplicates import actions, queries
from services.project_management.duplicates.rules import EXPLAIN, JUDGE, READ
from services.project_management.duplicates.schemas import DuplicateCheckRead, ExplanationCreate, VerdictCreate
from shared.db.work import Rows
from shared.web.edge import IfMatchDep, ReadDep, WorkDep, api_room, etag

api = api_room("duplicates")


async def _check(rows: Rows, application_id: UUID, response: Response) -> Any:
    found = await queries.check(rows, application_id)
    if found["version"] is not None:
        response.headers["ETag"] = etag(found["version"])
    return found


@api.get("/applications/{application_id}/duplicates", allow=READ, response_model=DuplicateCheckRead)
async def get_duplicates(read: ReadDep, application_id: UUID, response: Response) -> Any:
    """What is like the application, as far as the reader may see it: evidence for a person, who alone decides."""
    return await _check(read, application_id, response)


@api.post("/applications/{application_id}/duplicates", allow=JUDGE, response_model=DuplicateCheckRead)
async def run_check(work: WorkDep, application_id: UUID, response: Response) -> Any:
    """Check it again, against all that is known now. A decision on the same evidence stays."""
    await actions.run_check(work, application_id)
    return await _check(work, application_id, response)


@api.post("/applications/{application_id}/verdict", allow=JUDGE, response_model=DuplicateCheckRead)
async def judge_check(
    work: WorkDep, application_id: UUID, fields: VerdictCreate, version: IfMatchDep, response: Response
) -> Any:
    await actions.judge_check(work, application_id, fields, version)
    return await _check(work, application_id, response)


@api.post("/applications/{application_id}/explanation", allow=EXPLAIN, response_model=DuplicateCheckRead)
async def explain_overlap(
    work: WorkDep, application_id: UUID, fields: ExplanationCreate, version: IfMatchDep, response: Response
) -> Any:
    await actions.explain_overlap(work, application_id, fields.explanation, version)
    return await _check(work, application_id, response)
