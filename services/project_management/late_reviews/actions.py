"""Writes about reviewers who stay silent."""

from uuid import UUID

from services.project_management.assignments.actions import office_call
from services.project_management.calls.model import Call
from services.project_management.late_reviews import rules
from services.project_management.late_reviews.schemas import ExtensionCreate
from services.project_management.reviews.model import Review
from services.project_management.reviews.rules import State
from shared.db.work import Work
from shared.kernel.errors import Invalid, NotFound
from shared.kernel.marks import N_

AT_ONCE = 100


async def extend_review(work: Work, review_id: UUID, fields: ExtensionCreate, version: int | None) -> Review:
    """Give one reviewer more time. Raises NotFound, Stale, OwnApplication, Invalid, NothingToExtend."""
    rules.EXTEND.admits(work.actor)
    seen = await work.get(Review, review_id, lock=False)
    try:
        call = await office_call(work, seen.call_id)
    except NotFound:  # "no call" would tell that there is such a review
        raise NotFound(N_("There is no review here that you may see.")) from None
    review = await work.get(Review, review_id)
    work.must_match(review, version)
    rules.require_writing(State(review.state))
    if fault := rules.day_fault(work.now, fields.due_at):
        raise Invalid.field("/due_at", fault)
    for fact in (
        *review.extend(fields.due_at, call.agreed),
        *review.office_told(call.organisation_id, call.title, "extended"),
    ):
        work.emit(fact)
    return review


async def tell_of_late_reviews(work: Work) -> None:
    """By the clock: the office is told once of each answer or review that is overdue; what is over is cleared."""
    found = await work.rows(
        """SELECT r.id, r.call_id FROM reviews r JOIN calls c ON c.id = r.call_id
           WHERE r.office_task_id IS NULL AND r.overdue_at <= %(now)s AND c.state = 'deciding'
           UNION ALL
           SELECT r.id, r.call_id FROM reviews r JOIN calls c ON c.id = r.call_id
           WHERE r.office_task_id IS NOT NULL
             AND (r.overdue_at IS NULL OR r.overdue_at > %(now)s OR c.state <> 'deciding')
           ORDER BY 1 LIMIT %(most)s""",
        {"now": work.now, "most": AT_ONCE},
    )
    for row in found:
        async with work.apart(review=row["id"]):
            call = await work.get(Call, row["call_id"], lock=False)
            review = await work.session.get(
                Review, row["id"], with_for_update={"skip_locked": True}, populate_existing=True
            )
            if review is None:
                continue
            late = review.overdue_at is not None and review.overdue_at <= work.now
            if late and call.state == "deciding" and review.office_task_id is None:
                work.emit(review.tell_office(call.organisation_id, call.title))
            elif not late or call.state != "deciding":
                for fact in review.office_told(call.organisation_id, call.title, "done"):
                    work.emit(fact)
