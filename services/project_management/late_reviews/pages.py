"""More time for a review, for people."""

from uuid import UUID

from fastapi import Request, Response

from services.project_management.applications.rules import label_for
from services.project_management.assignments.queries import call_for_office
from services.project_management.late_reviews import actions
from services.project_management.late_reviews.rules import EXTEND, WRITING
from services.project_management.late_reviews.schemas import ExtensionCreate
from services.project_management.reviews.queries import review
from shared.db.work import Rows
from shared.kernel.types import SecurityLabel
from shared.web.answers import Answers, Refused, answer
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.i18n import _

pages = page_room("late_reviews")


@pages.get("/reviews/{review_id}/extension", allow=EXTEND)
async def extension_form(request: Request, read: ReadDep, review_id: UUID) -> Response:
    return await _form(request, read, review_id)


@pages.post("/reviews/{review_id}/extension", allow=EXTEND)
async def extend_review(request: Request, work: WorkDep, review_id: UUID) -> Response:
    return await answer(
        request,
        work,
        "extension",
        ExtensionCreate,
        lambda fields, version: actions.extend_review(work, review_id, fields, version),
        lambda refused: _form(request, work, review_id, refused),
        (f"/projects/reviews/{review_id}/extension", _("The reviewer has more time and is told so.")),
    )


async def _form(request: Request, rows: Rows, review_id: UUID, refused: Refused | None = None) -> Response:
    row = await review(rows, review_id)
    call = await call_for_office(rows, row["call_id"])
    EXTEND.require(
        rows.actor, office=call["organisation_id"], label=label_for(SecurityLabel(call["label"])), thing="review"
    )
    return service_of(request).pages.render(
        request,
        "late_reviews/form.html",
        status=refused.status if refused else 200,
        review=row,
        call=call,
        may_extend=row["state"] in [one.value for one in WRITING],
        answers=Answers(refused, row["version"]),
        refused=refused,
    )
