"""Writes about awards: the decision of a call."""

import asyncio
from decimal import Decimal
from uuid import UUID

from services.project_management.applications.queries import partners_of, submitted_to
from services.project_management.assignments.actions import announce_reviews, decision_made
from services.project_management.assignments.queries import call_for_office
from services.project_management.awards import queries, rules
from services.project_management.awards.model import Award, Decision
from services.project_management.awards.schemas import DecisionCreate
from services.project_management.calls.model import Call
from services.project_management.calls.rules import CallNotReady
from services.project_management.calls.rules import State as CallState
from shared.db.work import Work
from shared.kernel.errors import Invalid
from shared.kernel.ids import new_id
from shared.kernel.marks import N_


async def decide_call(work: Work, call_id: UUID, fields: DecisionCreate) -> Decision:
    """Decide every application of a call at once, under its budget.

    Raises NotFound, OwnApplication, CallNotReady, ReviewsOutstanding, NotCalibrated, OverBudget, OverLimit,
    Invalid for a choice about an application that does not compete.
    """
    rules.DECIDE.admits(work.actor)
    shown = await call_for_office(work, call_id)
    rules.DECIDE.require(work.actor, office=shown["organisation_id"], thing="call")
    call = await work.get(Call, call_id)
    if call.state != CallState.DECIDING.value:
        raise CallNotReady(N_("A call is decided once, after its reviewers are assigned and their reviews are in."))
    if not await announce_reviews(work, call_id):
        raise rules.ReviewsOutstanding(N_("Wait until every application has its reviews, or assign other reviewers."))
    applications = await submitted_to(work, call_id)
    known = {application.id for application in applications}
    faults = [
        {"pointer": f"/overrides/{n}/application_id", "detail": N_("This application does not compete in the call.")}
        for n, one in enumerate(fields.overrides)
        if one.application_id not in known
    ]
    if len({one.application_id for one in fields.overrides}) < len(fields.overrides):
        faults.append({"pointer": "/overrides", "detail": N_("Decide each application once.")})
    if faults:
        raise Invalid(N_("Correct the marked entries and send them again."), errors=faults)
    overrides = [one.model_dump(mode="json") for one in fields.overrides]
    inputs, _ = await queries.decision_inputs(work, shown, fields.scores, overrides)
    trace = await asyncio.to_thread(rules.decide, inputs)
    decision = Decision(
        id=new_id(),
        call_id=call_id,
        reason=fields.reason,
        decided_by=work.actor.subject,
        trace=trace.model_dump(mode="json"),
        created_at=work.now,
    )
    work.add(decision)
    await work.session.flush()
    items = {UUID(item["id"]): item for item in trace.result["items"]}
    for application in applications:
        item = items[application.id]
        amount = application.requested_amount if item["outcome"] == "funded" else Decimal(0)
        award = Award(
            id=new_id(),
            decision_id=decision.id,
            call_id=call_id,
            application_id=application.id,
            outcome=item["outcome"],
            amount_amount=amount,
            amount_currency=application.requested_currency,
            rank=item["rank"],
            mean=Decimal(item["mean"]) if item["mean"] else None,
            sd=Decimal(item["sd"]) if item["sd"] else None,
            reviews=item["reviews"],
            reason=item["reason"],
            created_at=work.now,
        )
        work.add(award)
        partners = await partners_of(work, application.id)
        work.emit(application.decide(partners, outcome=item["outcome"], amount=amount, reason=item["reason"]))
        if award.outcome == "funded":
            work.emit(award.book_due(application.title, application.label, call.organisation_id))
    work.emit(call.decide(sum(1 for item in items.values() if item["outcome"] == "funded"), fields.reason))
    await decision_made(work, call)
    return decision
