"""Explanations of delays, for people."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from services.project_management.delivery.queries import milestone
from services.project_management.lapses import actions
from services.project_management.lapses.rules import EXPLAIN
from services.project_management.lapses.schemas import ExplanationCreate
from shared.db.work import Rows
from shared.web.answers import Answers, Refused, answer
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.i18n import _

pages = page_room("lapses")


@pages.get("/milestones/{milestone_id}/explanation", allow=EXPLAIN)
async def new_explanation(
    request: Request, read: ReadDep, milestone_id: UUID, text: Annotated[str, Query(max_length=4000)] = ""
) -> Response:
    return await _form(request, read, milestone_id, text=text)


@pages.post("/milestones/{milestone_id}/explanation", allow=EXPLAIN)
async def explain_delay(request: Request, work: WorkDep, milestone_id: UUID) -> Response:
    return await answer(
        request,
        work,
        "explanation",
        ExplanationCreate,
        lambda fields, version: actions.explain_delay(work, milestone_id, fields.text, version),
        lambda refused: _form(request, work, milestone_id, refused),
        (f"/projects/milestones/{milestone_id}", _("The programme office reads your explanation.")),
    )


async def _form(
    request: Request, rows: Rows, milestone_id: UUID, refused: Refused | None = None, text: str = ""
) -> Response:
    row = await milestone(rows, milestone_id)
    EXPLAIN.require(rows.actor, owners={row["lead_id"]}, thing="milestone")
    answers = Answers(refused, row["version"])
    if text:
        answers["explanation"].values["text"] = [text]
    return service_of(request).pages.render(
        request,
        "lapses/form.html",
        status=refused.status if refused else 200,
        milestone=row,
        refused=refused,
        answers=answers,
    )
