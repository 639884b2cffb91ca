"""Writes about awards: the decision of a call, from the proposal to the letters."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.project_management.applications.model import Application
from services.project_management.applications.queries import partners_of_all, submitted_to
from services.project_management.approvals.rules import approving, held_by
from services.project_management.assignments.actions import announce_reviews, decision_made
from services.project_management.assignments.queries import call_for_office
from services.project_management.awards import board, queries, rules
from services.project_management.awards.letters import letter_contents
from services.project_management.awards.model import Award
from services.project_management.awards.schemas import DecisionCreate
from services.project_management.calls.model import Call
from services.project_management.calls.rules import STRAGGLERS, CallNotReady
from services.project_management.calls.rules import State as CallState
from services.project_management.decisions import rules as decision_rules
from services.project_management.decisions.model import Decision, DecisionList
from services.project_management.decisions.queries import panel_of
from services.project_management.decisions.rules import DecisionNotReady, State
from services.project_management.departures.queries import require_settled
from services.project_management.receipts.actions import issue_letter
from services.project_management.snapshots import canonical
from shared.contracts.base import Event
from shared.db.work import Work, as_json
from shared.kernel.errors import Invalid
from shared.kernel.ids import new_id
from shared.kernel.marks import N_, S_

AT_ONCE = 20
"""Notices that are ended in one unit of work; the next second brings the others."""


async def decide_call(work: Work, call_id: UUID, fields: DecisionCreate) -> Decision:
    """Decide every application of a call at once, under its budget; again, where the list was returned.

    Without offices that approve and without public notice the decision is final at once. Raises NotFound,
    OwnApplication, CallNotReady, ReviewsOutstanding, DepartureOpen, PanelOutstanding, NotCalibrated, OverBudget,
    OverLimit, Invalid for a
    choice about an application that does not compete.
    """
    rules.DECIDE.admits(work.actor)
    shown = await call_for_office(work, call_id)
    rules.DECIDE.require(work.actor, office=shown["organisation_id"], thing="call")
    call = await work.get(Call, call_id)
    decision = await _of_call(work, call_id)
    if call.state != CallState.DECIDING.value or (decision and decision.state != State.RETURNED.value):
        raise CallNotReady(N_("A call is decided once, after its reviewers are assigned and their reviews are in."))
    if not await announce_reviews(work, call_id):
        raise rules.ReviewsOutstanding(N_("Wait until every application has its reviews, or assign other reviewers."))
    applications = await submitted_to(work, call_id)
    await require_settled(work, call_id)
    met = await _panel(work, call)
    overrides = [one.model_dump(mode="json", exclude_none=True) for one in fields.overrides]
    board.require_sound(overrides, {str(application.id) for application in applications})
    inputs, _ = await queries.decision_inputs(work, shown, fields.scores, overrides)
    trace = (await asyncio.to_thread(rules.decide, inputs)).model_dump(mode="json")
    told = await _reasoned(fields, trace, met)
    number = decision.number + 1 if decision else 1
    text, sha256 = canonical(_list(call, number, fields.reason, trace) | told)
    if decision is None:
        decision = Decision(
            id=new_id(),
            call_id=call_id,
            call_title=call.title,
            office_id=call.organisation_id,
            label=call.label,
            reason=fields.reason,
            decided_by=work.actor.subject,
            trace=trace,
            state=State.IN_APPROVAL.value,
            sha256=sha256,
            created_at=work.now,
        )
        work.add(decision)
        work.emit(decision.proposed())
    else:
        _emit(
            work,
            decision.propose_again(reason=fields.reason, subject=work.actor.subject, trace=trace, sha256=sha256),
        )
    await decision_made(work, call)
    await work.session.flush()
    work.add(
        DecisionList(
            decision_id=decision.id,
            number=number,
            content=text,
            sha256=sha256,
            proposed_by=work.actor.subject,
            proposed_at=work.now,
        )
    )
    await _go_on(work, call, decision)
    return decision


async def _panel(work: Work, call: Call) -> dict[str, Any] | None:
    """The closed panel meeting of a call, if there was one. Raises PanelOutstanding."""
    met = await panel_of(work, call.id)
    if met is None and call.award_terms.get("panel_required"):
        raise rules.PanelOutstanding(
            N_("This call asks for a panel meeting. Convene it; decide when its minutes are closed.")
        )
    if met is not None and met["state"] != "closed":
        raise rules.PanelOutstanding(N_("Wait until the chair has closed the minutes, or call the meeting off."))
    return met


async def _reasoned(fields: DecisionCreate, trace: dict[str, Any], met: dict[str, Any] | None) -> dict[str, Any]:
    """What the list says of the panel: its minutes, where it decides otherwise, and why. An application to which the
    officer gave another outcome by hand has its own reason; a place on the reserve list is none. Raises Invalid where a
    reason is missing."""
    if met is None:
        return {}
    items, reason = trace["result"]["items"], fields.panel_reason.strip()
    recommended = {id: one["recommendation"] for id, one in met["said"].items() if one["recommendation"]}
    otherwise = rules.against_panel(items, recommended)
    by_hand: set[str] = set()
    if otherwise and fields.overrides:
        by_rule = {one["id"]: one["outcome"] for one in (await queries.proposed(trace["inputs"]))["result"]["items"]}
        chosen = {str(one.application_id): one.outcome for one in fields.overrides}
        by_hand = {id for id, outcome in chosen.items() if outcome != by_rule[id]}
    bare = rules.against_panel(items, {id: word for id, word in recommended.items() if id not in by_hand})
    if bare and not reason:
        told = S_("The panel recommends otherwise for “%(title)s”. Say why you decide so.", title=bare[0])
        raise Invalid.field("/panel_reason", told)
    own = rules.against_panel(items, {id: word for id, word in recommended.items() if id in by_hand})
    return {"panel": {"minutes": met["sha256"], "otherwise": otherwise, "by_hand": own, "reason": reason}}


async def approve_decision(work: Work, call_id: UUID, note: str, version: int | None) -> Decision:
    """Sign for the next office of the chain; after the last the list is shown in public, or final at once.

    Raises NotFound, OwnApplication, Stale, DecisionNotReady, NotYourSignature.
    """
    call, decision, step = await _to_sign(work, call_id, version, "approve")
    _emit(work, decision.approve(step["office"], work.actor.subject, note, work.now))
    await work.execute(
        "UPDATE decision_lists SET approvals = %(signed)s::jsonb WHERE decision_id = %(id)s AND number = %(number)s",
        {"signed": as_json(decision.approvals), "id": decision.id, "number": decision.number},
    )
    await _go_on(work, call, decision)
    return decision


async def return_decision(work: Work, call_id: UUID, reason: str, version: int | None) -> Decision:
    """Not signed: back to the programme office, which decides again. Raises as `approve_decision`."""
    _call, decision, step = await _to_sign(work, call_id, version, "return")
    _emit(work, decision.send_back(step["office"], reason))
    return decision


async def end_notices(work: Work) -> None:
    """By the clock: what was shown long enough is final, once every objection to it is answered."""
    over = {"now": work.now - STRAGGLERS, "most": AT_ONCE, "call": None}
    for row in await work.rows(_OVER, over):
        async with work.apart(call=row["call_id"]):
            call = await work.get(Call, row["call_id"])
            # Asked again under the lock: somebody may have objected in the last moment and held it.
            still = await work.row(_OVER, over | {"call": call.id})
            decision = await _of_call(work, call.id) if still else None
            if decision:
                await _finalise(work, call, decision)


_OVER = """SELECT d.call_id FROM decisions d WHERE d.state = 'in_notice' AND d.notice_until <= %(now)s
             AND (%(call)s::uuid IS NULL OR d.call_id = %(call)s)
             AND NOT EXISTS (SELECT FROM objections o WHERE o.decision_id = d.id AND o.state = 'lodged')
           ORDER BY d.notice_until LIMIT %(most)s"""


async def locked_decision(work: Work, call_id: UUID) -> tuple[Call, Decision]:
    """A call and its decision, locked in the order in which everybody locks them. Raises DecisionNotReady."""
    call = await work.get(Call, call_id)
    decision = await _of_call(work, call_id)
    if decision is None:
        raise DecisionNotReady(N_("Nothing is decided in this call yet."))
    return call, decision


async def issue_letters(work: Work, call: Call, decided: Sequence[tuple[Application, Award]]) -> None:
    """The letter about each award as it is now."""
    contents = await letter_contents(work, call.award_terms, call.title, call.organisation_name, decided)
    for award_id, content in contents.items():
        issue_letter(work, award_id=award_id, call_id=call.id, content=content)


def _list(call: Call, number: int, reason: str, trace: dict[str, Any]) -> dict[str, Any]:
    """What is put forward, word for word."""
    kept = ("id", "title", "lead", "requested", "rank", "mean", "outcome", "reason", "place")
    return {
        "call": {"id": str(call.id), "title": call.title, "sha256": call.sha256},
        "number": number,
        "reason": reason,
        "budget": trace["inputs"]["budget"],
        "currency": trace["inputs"]["currency"],
        "spent": trace["result"]["spent"],
        "items": [{name: item[name] for name in kept if name in item} for item in trace["result"]["items"]],
    }


async def _of_call(work: Work, call_id: UUID) -> Decision | None:
    """The decision of a call whose row is locked already."""
    row = await work.row("SELECT id FROM decisions WHERE call_id = %(call)s", {"call": call_id})
    return await work.get(Decision, row["id"]) if row else None


async def _to_sign(work: Work, call_id: UUID, version: int | None, verb: str) -> tuple[Call, Decision, dict[str, Any]]:
    decision_rules.APPROVE.admits(work.actor)
    await call_for_office(work, call_id)
    call, decision = await locked_decision(work, call_id)
    work.must_match(decision, version)
    decision_rules.next_state(verb, State(decision.state))
    step = call.award_terms["approvals"][len(decision.approvals)]
    approving(step, held_by(work.actor), work.actor.subject, decision.hands)
    return call, decision, step


async def _go_on(work: Work, call: Call, decision: Decision) -> None:
    """To the next office, into public notice, or to the end."""
    chain, days = call.award_terms["approvals"], call.award_terms["notice_days"]
    if len(decision.approvals) < len(chain):
        work.emit(decision.approval_due(chain[len(decision.approvals)]))
    elif days:
        work.emit(decision.publish(work.now, days))
    else:
        await _finalise(work, call, decision)


async def _finalise(work: Work, call: Call, decision: Decision) -> None:
    """Say each outcome and issue the letters. Who took the application back meanwhile gets neither."""
    applications = await submitted_to(work, call.id)
    items = {UUID(item["id"]): item for item in decision.trace["result"]["items"]}
    own_choices = {one["application_id"] for one in decision.trace["inputs"]["overrides"]}
    _emit(work, decision.finalise(work.now))
    partners = await partners_of_all(work, [application.id for application in applications])
    decided = []
    for application in applications:
        item = items[application.id]
        reason = decision_rules.told(
            item["outcome"], item["reason"], call.award_terms["letter_scores"], item["id"] in own_choices
        )
        award = _award(work, decision, application, item, reason)
        work.emit(
            application.decide(
                partners.get(application.id, ()),
                outcome=item["outcome"],
                amount=award.amount_amount,
                reason=award.reason,
            )
        )
        decided.append((application, award))
    await work.session.flush()
    await issue_letters(work, call, decided)
    funded = [(application, award) for application, award in decided if award.outcome == "funded"]
    for application, award in funded:
        _emit(work, award.book_due(application, call.organisation_id, work.now))
    work.emit(call.decide(len(funded), decision.reason))
    decision.offers_due = len(applications) < len(items)  # somebody withdrew: what it would have had is free


def _award(work: Work, decision: Decision, application: Application, item: dict[str, Any], reason: str) -> Award:
    award = Award(
        id=new_id(),
        decision_id=decision.id,
        call_id=decision.call_id,
        application_id=application.id,
        outcome=item["outcome"],
        amount_amount=application.requested_amount if item["outcome"] == "funded" else Decimal(0),
        amount_currency=application.requested_currency,
        rank=item["rank"],
        mean=Decimal(item["mean"]) if item["mean"] else None,
        sd=Decimal(item["sd"]) if item["sd"] else None,
        reviews=item["reviews"],
        reason=reason,
        created_at=work.now,
    )
    work.add(award)
    return award


def _emit(work: Work, facts: Sequence[Event]) -> None:
    for fact in facts:
        work.emit(fact)
