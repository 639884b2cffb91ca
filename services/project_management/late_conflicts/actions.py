"""What the clock does about a conflict of interest that comes to light after the assignment.

Two records of people turn out to be one, or an expert goes to work for an applicant: the review is set aside and named,
the office finds another reviewer, and a decision that rests on it and is not final goes back.
"""

from typing import Any
from uuid import UUID

from services.project_management.applications.model import Application
from services.project_management.assignments import suspects
from services.project_management.assignments.actions import last_assignment, look_for_gaps_anew
from services.project_management.assignments.conflicts import Conflicts
from services.project_management.assignments.queries import conflict_decisions, conflict_inputs, potential
from services.project_management.calls.model import Call
from services.project_management.calls.rules import State as CallState
from services.project_management.decisions.model import Decision
from services.project_management.decisions.rules import State as DecisionState
from services.project_management.people.queries import experts
from services.project_management.reviews.model import Review
from services.project_management.reviews.rules import ANSWERED, OPEN, State
from shared.db.work import Work
from shared.kernel.marks import N_, S_
from shared.kernel.types import SecurityLabel

AT_ONCE = 50
"""Reviews that are looked at closely in one round."""


async def set_aside_conflicted(work: Work) -> None:
    """By the clock: each review whose pair the assignment would refuse today is set aside, each for itself, for what is
    looked for is much and locks are held for none of it."""
    for row in await suspects.suspects(work, AT_ONCE):
        async with work.apart(review=row["id"]):
            await _look(work, row["call_id"], row["id"])
        await work.commit()
    for call_id in await suspects.calls_with_assignments(work):
        async with work.apart(call=call_id):
            await _ask(work, call_id)
        await work.commit()


async def _look(work: Work, call_id: UUID, review_id: UUID) -> None:
    seen = await work.get(Review, review_id, lock=False)
    if await _conflict(work, call_id, seen.application_id, seen.expert_id) is None:
        return
    call = await work.get(Call, call_id)
    await work.get(Application, seen.application_id)
    review = await work.get(Review, review_id)
    if call.state != CallState.DECIDING.value or State(review.state) not in (*OPEN, *ANSWERED):
        return
    why = await _conflict(work, call_id, review.application_id, review.expert_id)
    if why is None:
        return
    said = S_("A conflict of interest came to light after the assignment: %(reason)s", reason=why["reason"])
    done = review.set_aside(said, why["kind"])
    if done:
        work.emit(done)
    await look_for_gaps_anew(work, call)  # what the office was told to decide waits for another reviewer
    await _reopen(work, call)


async def _conflict(work: Work, call_id: UUID, application_id: UUID, expert_id: UUID) -> dict[str, Any] | None:
    """What the assignment would say of the pair today; None where it would say nothing, or a person waived it. What the
    applicants' side declared is its own word about its reviewers: it counts once a named officer confirmed it."""
    people = await experts(work, [expert_id])
    inputs: dict[str, Any] = await conflict_inputs(work, call_id, [application_id], people)
    confirmed = {
        one["kind"]
        for one in await conflict_decisions(work, call_id)
        if (one["application_id"], one["expert_id"], one["decision"]) == (application_id, expert_id, "confirm")
    }
    inputs["ties"] = [one for one in inputs["ties"] if one.get("by") != "applicants" or one["kind"] in confirmed]
    return next(iter(Conflicts(inputs).of(0)), None)


async def _ask(work: Work, call_id: UUID) -> None:
    """One task for all that waits to be confirmed or waived in a call."""
    waits = bool(await potential(work, call_id))
    call = await work.get(Call, call_id)
    last, label = await last_assignment(work, call_id), SecurityLabel(call.label)
    if last is None:
        return
    told = (
        last.conflict_opened(label) if waits and call.state == CallState.DECIDING.value else last.conflict_closed(label)
    )
    if told:
        work.emit(told)


async def _reopen(work: Work, call: Call) -> None:
    """A decision that counted the review and is not final yet is made again."""
    row = await work.row("SELECT id FROM decisions WHERE call_id = %(call)s", {"call": call.id})
    if row is None:
        return
    decision = await work.get(Decision, row["id"])
    reason = N_("A review that the list rests on was set aside for a conflict of interest.")
    if decision.state == DecisionState.IN_APPROVAL.value:
        facts = decision.send_back("", reason)
    elif decision.state == DecisionState.IN_NOTICE.value:
        facts = decision.reopen(reason)
    else:
        return
    for fact in facts:
        work.emit(fact)
