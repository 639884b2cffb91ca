"""Summaries of reviews, for people."""

from uuid import UUID

from fastapi import Request, Response

from services.project_management.summaries import actions, queries
from services.project_management.summaries.rules import ISSUE, READ
from shared.db.work import Rows
from shared.web.answers import Pressed, Refused, answer
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.i18n import _

pages = page_room("summaries")


@pages.get("/applications/{application_id}/summaries", allow=READ)
async def summary_list(request: Request, read: ReadDep, application_id: UUID) -> Response:
    return await _list(request, read, application_id)


@pages.post("/applications/{application_id}/summaries", allow=ISSUE)
async def issue_summary(request: Request, work: WorkDep, application_id: UUID) -> Response:
    return await answer(
        request,
        work,
        "summary",
        Pressed,
        lambda _pressed, _version: actions.issue_summary(work, application_id),
        lambda refused: _list(request, work, application_id, refused),
        (f"/projects/applications/{application_id}/summaries", _("The newest summary is the first of the list.")),
    )


async def _list(request: Request, rows: Rows, application_id: UUID, refused: Refused | None = None) -> Response:
    found = await queries.summaries(rows, application_id)
    return service_of(request).pages.render(
        request,
        "summaries/list.html",
        status=refused.status if refused else 200,
        application=found["application"],
        call=found["application"]["call"],
        papers=found["items"],
        reviews=found["reviews"],
        refused=refused,
        may_issue=ISSUE.in_charge(rows.actor, found["application"]["call"]["organisation_id"], set()),
    )
