"""Writes about assignments: choosing the reviewers of a call, and noticing when their reviews are in."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.project_management.applications.model import Application
from services.project_management.applications.queries import partners_of, submitted_to
from services.project_management.applications.rules import label_for
from services.project_management.assignments import by_hand, queries, rules
from services.project_management.assignments.model import Assignment, ConflictDecision
from services.project_management.assignments.schemas import (
    AdjustmentCreate,
    AssignmentCreate,
    ConflictDecisionCreate,
    UndoCreate,
)
from services.project_management.calls.model import Call
from services.project_management.calls.rules import CallNotReady
from services.project_management.calls.rules import State as CallState
from services.project_management.people.queries import experts
from services.project_management.reviews import rules as review_rules
from services.project_management.reviews.model import Review
from services.project_management.reviews.rules import State
from shared.db.work import Work
from shared.kernel.ids import new_id
from shared.kernel.marks import N_, S_
from shared.kernel.trace import DecisionTrace
from shared.kernel.types import SecurityLabel


async def office_call(work: Work, call_id: UUID) -> Call:
    """The call, locked, for an officer who may settle who reviews in it. Raises NotFound, OwnApplication, CallNotReady
    while a decision that rests on the reviews is on its way."""
    rules.ASSIGN.admits(work.actor)
    call = await work.get(Call, call_id)
    label = label_for(SecurityLabel(call.label))
    rules.ASSIGN.require(work.actor, office=call.organisation_id, label=label, thing="call")
    await queries.require_uninvolved(work, call_id)
    await queries.require_unsettled(work, call_id)
    return call


async def assign_reviews(work: Work, call_id: UUID, fields: AssignmentCreate) -> Assignment:
    """Choose reviewers for every application and invite them.

    Reviews that an expert has accepted stay; unanswered invitations are planned anew. Raises NotFound,
    OwnApplication, CallNotReady, Invalid for people who are no experts, NoAssignment with the certificate.
    """
    call = await office_call(work, call_id)
    if call.state not in (CallState.CLOSED.value, CallState.DECIDING.value):
        raise CallNotReady(N_("Reviewers are assigned when the call is closed and before it is decided."))
    await queries.require_bids_in(work, call_id)
    applications = await submitted_to(work, call_id)
    if not applications:
        raise CallNotReady(N_("Nobody has applied to this call, so there is nothing to review."))
    known = await reviews_of(work, call_id)
    inputs = await queries.assignment_inputs(work, call, applications, known, fields)
    trace = await asyncio.to_thread(rules.assign, inputs)
    if not trace.result["feasible"]:
        shown = trace.result["certificate"]
        first = shown["applications"][0]
        raise rules.NoAssignment(
            S_(
                "%(missing)s reviews cannot be given. “%(title)s” lacks %(lacks)s of %(needs)s reviewers. %(remedy)s",
                missing=shown["missing"],
                title=first["title"],
                lacks=first["lacks"],
                needs=first["needs"],
                remedy=shown["remedy"],
            ),
            certificate=shown,
            conflicts=trace.result["conflicts"],
        )
    if call.state == CallState.CLOSED.value:
        work.emit(call.start_deciding())
        if asked := call.assignment_done("assigned"):
            work.emit(asked)
    assignment = _next(work, call, await last_assignment(work, call_id), fields, trace)
    _invite(work, call, applications, known, trace.result["assignments"], inputs["experts"])
    return assignment


def _next(
    work: Work, call: Call, last: Assignment | None, fields: AssignmentCreate, trace: DecisionTrace
) -> Assignment:
    """The next run; what waits for the office waits for it."""
    if last and (done := last.gap_closed(SecurityLabel(call.label))):
        work.emit(done)
    assignment = Assignment(
        call_id=call.id,
        call_title=call.title,
        office_id=call.organisation_id,
        number=last.number + 1 if last else 1,
        seed=fields.seed,
        cap=fields.cap,
        bound=fields.bound,
        made_by=work.actor.subject,
        trace=trace.model_dump(mode="json"),
        decision_task_id=last.decision_task_id if last else None,
        conflict_task_id=last.conflict_task_id if last else None,
        created_at=work.now,
    )
    if last:
        last.decision_task_id = last.conflict_task_id = None
    work.add(assignment)
    return assignment


async def adjust_assignment(work: Work, call_id: UUID, fields: AdjustmentCreate) -> Assignment:
    """Give reviewers and take them back by hand; who is taken back has a task less, and nobody else hears of it.

    Raises NotFound, OwnApplication, CallNotReady before the first assignment, AssignmentMovedOn, Invalid for pairs that
    are unknown, AdjustmentRefused with every limit that would break.
    """
    call, last = await _open_assignment(work, call_id, fields.number)
    pairs = [[one.model_dump(mode="json") for one in side] for side in (fields.give, fields.take)]
    return await _adjust(work, call, last, pairs[0], pairs[1], fields.reason, fields.beyond_spread)


async def undo_assignment(work: Work, call_id: UUID, fields: UndoCreate) -> Assignment:
    """Bring back the assignment before the last, as far as reviews are not handed in or declined.

    Raises as `adjust_assignment`, and AdjustmentRefused where somebody has accepted what would be taken back.
    """
    call, last = await _open_assignment(work, call_id, fields.number)
    before = await queries.plan_before(work, last)
    known = await reviews_of(work, call_id)
    there = {(str(one.application_id), str(one.expert_id)): State(one.state) for one in known}
    give = [{"application_id": a, "expert_id": e} for a, e in before if (a, e) not in there]
    gone = [pair for pair, state in there.items() if state in review_rules.OPEN and pair not in before]
    by_hand.require_unanswered([one for one in known if (str(one.application_id), str(one.expert_id)) in gone])
    return await _adjust(
        work, call, last, give, [{"application_id": a, "expert_id": e} for a, e in gone], fields.reason, True
    )


async def _open_assignment(work: Work, call_id: UUID, number: int | None) -> tuple[Call, Assignment]:
    """The call and its last run, for an officer who may change it, unless another run was made since `number`."""
    call = await office_call(work, call_id)
    last = await last_assignment(work, call_id)
    if last is None or call.state != CallState.DECIDING.value:
        raise CallNotReady(N_("An assignment can be changed once it is made and before the call is decided."))
    if number is not None and number != last.number:
        raise by_hand.AssignmentMovedOn(N_("Look at the assignment as it is now, and change it again."))
    return call, last


async def _adjust(
    work: Work,
    call: Call,
    last: Assignment,
    give: list[dict[str, str]],
    take: list[dict[str, str]],
    reason: str,
    beyond: bool,
) -> Assignment:
    applications, known = await submitted_to(work, call.id), await reviews_of(work, call.id)
    live = [one for one in known if one.state not in (State.DECLINED.value, State.SET_ASIDE.value)]
    fields = await queries.fields_for_change(work, last, give)
    inputs = await queries.assignment_inputs(work, call, applications, known, fields)
    for dropped in ("kept", "named", "seed", "mode", "bound"):
        del inputs[dropped]
    # The limits of the run before hold, with its exceptions; one from before there were any has none.
    inputs |= {
        "spread": last.trace["inputs"].get("spread") or queries.NOWHERE,
        "widened": last.trace["inputs"].get("widened", []),
        "beyond": beyond,
    }
    places = {one["id"]: queries.place_of(one) for one in await experts(work, [one.expert_id for one in live])}
    inputs["before"] = [
        {
            "application_id": str(one.application_id),
            "expert_id": str(one.expert_id),
            "expert": one.expert_name,
            "open": State(one.state) in review_rules.OPEN,
            **places.get(one.expert_id, queries.NOWHERE),
        }
        for one in live
        if one.application_id in {application.id for application in applications}
    ]
    queries.require_known(give, inputs)
    trace = by_hand.adjust(inputs | {"give": give, "take": take, "reason": reason})
    if not trace.result["feasible"]:
        raise by_hand.AdjustmentRefused(" ".join(one.reason for one in trace.clauses if one.outcome == "no"))
    assignment = _next(work, call, last, fields.model_copy(update={"cap": last.cap}), trace)
    by_pair = {(str(one.application_id), str(one.expert_id)): one for one in live}
    for one in take:
        review = by_pair[one["application_id"], one["expert_id"]]
        work.emit(review.withdraw(S_("Taken back by the office: %(reason)s", reason=reason)))
    await work.flush()
    _invite_all(work, call, applications, give, inputs["experts"], trace)
    return assignment


async def decide_conflict(work: Work, call_id: UUID, fields: ConflictDecisionCreate) -> ConflictDecision:
    """A named person sets a conflict aside, confirms it, records one, or takes the decision back.

    A conflict that is recorded takes an open review of the pair back. Raises NotFound, OwnApplication, CallNotReady,
    Invalid for pairs that are unknown or whose conflict cannot be set aside.
    """
    call = await office_call(work, call_id)
    if call.state not in (CallState.CLOSED.value, CallState.DECIDING.value):
        raise CallNotReady(N_("Conflicts are decided when the call is closed and before it is decided."))
    expert, kind = await queries.require_decidable(work, call, await submitted_to(work, call_id), fields)
    decision = ConflictDecision(
        call_id=call.id,
        application_id=fields.application_id,
        expert_id=fields.expert_id,
        expert=expert,
        kind=kind,
        decision=fields.decision,
        reason=fields.reason,
        decided_by=work.actor.subject,
        decided_at=work.now,
    )
    work.add(decision)
    if fields.decision == "enter":
        for review in await reviews_of(work, call_id):
            pair = review.application_id, review.expert_id
            if pair == (fields.application_id, fields.expert_id) and State(review.state) in review_rules.OPEN:
                work.emit(review.withdraw(S_("Recorded by the office: %(reason)s", reason=fields.reason)))
    return decision


async def reviews_of(work: Work, call_id: UUID) -> Sequence[Review]:
    """Every review of a call that was not withdrawn, locked."""
    found = await work.session.execute(
        select(Review)
        .where(Review.call_id == call_id, Review.state != State.WITHDRAWN.value)  # type: ignore[arg-type]
        .order_by(Review.id)  # type: ignore[arg-type]
        .with_for_update()
    )
    return found.scalars().all()


async def last_assignment(work: Work, call_id: UUID) -> Assignment | None:
    found = await work.session.execute(
        select(Assignment)
        .where(Assignment.call_id == call_id)  # type: ignore[arg-type]
        .order_by(Assignment.number.desc())  # type: ignore[attr-defined]
        .limit(1)
        .with_for_update()
    )
    return found.scalars().first()


def _invite(
    work: Work,
    call: Call,
    applications: Sequence[Application],
    known: Sequence[Review],
    plan: list[dict[str, Any]],
    people: list[dict[str, Any]],
) -> None:
    """Bring the invitations in line with the plan: the same pair keeps its invitation."""
    wanted = {_ids(one) for one in plan}
    standing = {(one.application_id, one.expert_id) for one in known}
    for review in known:
        if review.state == State.INVITED.value and (review.application_id, review.expert_id) not in wanted:
            work.emit(review.withdraw(N_("Another reviewer was assigned.")))
    _invite_all(work, call, applications, [one for one in plan if _ids(one) not in standing], people, None)


def _ids(one: dict[str, Any]) -> tuple[UUID, UUID]:
    return UUID(one["application_id"]), UUID(one["expert_id"])


def _invite_all(
    work: Work,
    call: Call,
    applications: Sequence[Application],
    plan: Sequence[dict[str, Any]],
    people: list[dict[str, Any]],
    trace: DecisionTrace | None,
) -> None:
    """Invite each expert of the plan; the affinities are those of the trace, where the plan has none."""
    people_by_id = {UUID(one["id"]): one for one in people}
    by_id = {one.id: one for one in applications}
    fits = {_ids(one): one["affinity"] for one in (trace.result["assignments"] if trace else plan)}
    for one in plan:
        application_id, expert_id = _ids(one)
        application, expert = by_id[application_id], people_by_id[expert_id]
        review = Review(
            id=new_id(),
            call_id=application.call_id,
            application_id=application_id,
            application_title=application.title,
            expert_id=expert_id,
            expert_name=expert["name"],
            expert_subject=expert["subject"],
            affinity=fits[application_id, expert_id],
            scores={},
            due_at=work.now + call.agreed.review_time,
            created_at=work.now,
        )
        work.add(review)
        work.emit(review.invite(work.now, call.agreed))


async def announce_reviews(work: Work, call_id: UUID) -> bool:
    """Say for every application of the call that its reviews are in, if they all are. True when they are.

    The clock says it; the office does when it decides within that second. Its name and the decision's moment tell as
    little of the reviewers as the clock's.
    """
    call = await work.get(Call, call_id)
    applications = await submitted_to(work, call_id)
    reviews = await reviews_of(work, call_id)
    states = {
        application.id: [State(one.state) for one in reviews if one.application_id == application.id]
        for application in applications
    }
    asked = {one["application_id"]: one["number"] for one in await queries.demands_of(work, call_id)}
    if call.state != CallState.DECIDING.value or not all(
        review_rules.all_in(one, asked.get(id, call.reviewers_per_application)) for id, one in states.items()
    ):
        return False
    for application in applications:
        if application.state == "submitted":
            completed = states[application.id].count(State.COMPLETED)
            partners = await partners_of(work, application.id)
            work.emit(application.reviewed(partners, completed))
            if overtaken := application.check_done(partners, "overtaken"):
                work.emit(overtaken)
    last = await last_assignment(work, call_id)
    if last and (task := last.decision_due(SecurityLabel(call.label))):
        work.emit(task)
    return True


async def look_for_gaps_anew(work: Work, call: Call) -> None:
    """What the office was told to fill or to decide may wait no more, or again later: the clock tells it again."""
    await decision_made(work, call)


async def decision_made(work: Work, call: Call) -> None:
    """The call is decided: nothing waits for the office any more."""
    last, label = await last_assignment(work, call.id), SecurityLabel(call.label)
    for done in (last.decision_made(label), last.gap_closed(label)) if last else ():
        if done:
            work.emit(done)
