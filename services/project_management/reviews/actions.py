"""Writes about reviews, each by the reviewer alone."""

from uuid import UUID

from services.project_management.applications.model import Application
from services.project_management.calls.model import Call
from services.project_management.receipts.actions import issue_paper
from services.project_management.reviews import queries, rules
from services.project_management.reviews.model import Review
from services.project_management.reviews.schemas import DeclineCreate, ScoresUpdate
from shared.db.work import Work
from shared.kernel.errors import Invalid, NotFound
from shared.kernel.marks import N_, S_
from shared.kernel.types import SecurityLabel


async def _own(work: Work, review_id: UUID, version: int | None) -> Review:
    """The reviewer's own review, locked. Anybody else's does not exist. Raises NotFound, Stale."""
    rules.ACT.admits(work.actor)
    review = await work.session.get(Review, review_id, with_for_update=True, populate_existing=True)
    if review is None or review.expert_subject != work.actor.subject:
        raise NotFound(N_("There is no review here that you may see."))
    application = await work.get(Application, review.application_id, lock=False)
    rules.ACT.require(work.actor, label=SecurityLabel(application.label), person=review.expert_subject, thing="review")
    work.must_match(review, version)
    return review


async def accept_review(work: Work, review_id: UUID, version: int | None) -> Review:
    """Accept an invitation; from now on the application can be read. Raises NotFound, Stale, ReviewNotPossible."""
    review = await _own(work, review_id, version)
    terms = (await work.get(Call, review.call_id, lock=False)).agreed
    for fact in review.accept(work.now, terms):
        work.emit(fact)
    return review


async def decline_review(work: Work, review_id: UUID, fields: DeclineCreate, version: int | None) -> Review:
    """Decline, or give back what was accepted; the draft is thrown away. Raises NotFound, Stale, ReviewNotPossible."""
    review = await _own(work, review_id, version)
    work.emit(review.decline(work.now, fields.reason, fields.conflict, fields.named))
    return review


async def save_scores(work: Work, review_id: UUID, fields: ScoresUpdate, version: int | None) -> Review:
    """Save the score sheet as it stands. Raises NotFound, Stale, Invalid for unknown criteria, ReviewNotPossible."""
    review = await _own(work, review_id, version)
    call = await work.get(Call, review.call_id, lock=False)
    scores = {one.criterion: one.score for one in fields.scores}
    known = ", ".join(call.weights)
    faults = [
        {"pointer": f"/scores/{n}/criterion", "detail": S_("The call's criteria are: %(known)s.", known=known)}
        for n, one in enumerate(fields.scores)
        if one.criterion in rules.unknown_criteria(scores, call.weights)
    ]
    over = rules.beyond(scores, call.scales)
    faults += [
        {
            "pointer": f"/scores/{n}/score",
            "detail": rules.too_high(one.criterion, call.scales[one.criterion]),
        }
        for n, one in enumerate(fields.scores)
        if one.criterion in over and one.criterion in call.scales
    ]
    if len(scores) != len(fields.scores):
        faults.append({"pointer": "/scores", "detail": N_("Give one score for each criterion.")})
    if faults:
        raise Invalid(N_("Correct the marked entries and send them again."), errors=faults)
    review.score(scores, fields.to_applicant, fields.to_panel)
    return review


async def complete_review(work: Work, review_id: UUID, version: int | None) -> Review:
    """Hand the review in; it cannot be changed afterwards. Raises NotFound, Stale, ReviewNotPossible,
    ReviewIncomplete."""
    review = await _own(work, review_id, version)
    call = await work.get(Call, review.call_id, lock=False)
    work.emit(review.complete(work.now, call.weights, call.scales))
    content = review.said(call.title, call.criteria)
    issue_paper(work, kind="review", about_id=review.id, call_id=call.id, content=content)
    return review


async def remind_reviewers(work: Work) -> None:
    """By the clock: a reminder before an answer or a review is due, and one when the review is."""
    for review_id in await queries.to_remind(work):
        async with work.apart(review=review_id):
            review = await work.session.get(
                Review, review_id, with_for_update={"skip_locked": True}, populate_existing=True
            )
            if review is None or review.remind_at is None or review.remind_at > work.now:
                continue
            terms = (await work.get(Call, review.call_id, lock=False)).agreed
            for fact in review.remind(work.now, terms):
                work.emit(fact)
