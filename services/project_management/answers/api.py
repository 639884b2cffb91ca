"""Answers for programs."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Response

from services.project_management.answers import actions, queries
from services.project_management.answers.rules import READ, WRITE
from services.project_management.answers.schemas import AnswerFileCreate, AnswerFileRemoval, AnswersRead, AnswersUpdate
from shared.db.work import Rows
from shared.web.edge import IfMatchDep, Json, ReadDep, WorkDep, api_room, etag

api = api_room("answers")
SectionKey = Annotated[str, Path(max_length=40)]


async def _answer(rows: Rows, application_id: UUID, version: int | None = None) -> Response:
    found = await queries.filled(rows, application_id)
    body: dict[str, Any] = {
        "asked": found.progress.asked,
        "answered": found.progress.answered,
        "complete": found.progress.complete,
        "answers": found.answers,
        "strange": found.strange,
        "faults": [
            {"question": one.key, "path": list(one.path), "detail": one.sentence} for one in found.progress.faults
        ],
        "sheets": [
            {
                "section": section.key,
                "version": sheet.version if sheet else 0,
                "saved_by": sheet.saved_by if sheet else None,
                "saved_at": sheet.saved_at if sheet else None,
            }
            for section in found.form.sections
            for sheet in (found.sheets.get(section.key),)
        ],
    }
    return Json(body, headers={"ETag": etag(version)} if version is not None else {})


@api.get("/applications/{application_id}/answers", allow=READ, response_model=AnswersRead)
async def get_answers(read: ReadDep, application_id: UUID) -> Response:
    """What was answered so far, or handed in, with everything that is missing or wrong in plain words."""
    return await _answer(read, application_id)


@api.put("/applications/{application_id}/answers/{section}", allow=WRITE, response_model=AnswersRead)
async def save_answers(
    work: WorkDep, application_id: UUID, section: SectionKey, fields: AnswersUpdate, version: IfMatchDep
) -> Response:
    """Save a section as far as it is written. If-Match names the section's own version, "0" before the first save."""
    saved = await actions.save_answers(work, application_id, section, fields.answers, version)
    return await _answer(work, application_id, saved)


@api.post("/applications/{application_id}/answers/documents", allow=WRITE, response_model=AnswersRead)
async def attach_file(work: WorkDep, application_id: UUID, fields: AnswerFileCreate) -> Response:
    saved = await actions.attach_file(work, application_id, fields.question, fields.document_id)
    return await _answer(work, application_id, saved)


@api.post("/applications/{application_id}/answers/removals", allow=WRITE, response_model=AnswersRead)
async def remove_file(work: WorkDep, application_id: UUID, fields: AnswerFileRemoval) -> Response:
    saved = await actions.remove_file(work, application_id, fields.question, fields.file)
    return await _answer(work, application_id, saved)
