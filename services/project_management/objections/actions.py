"""Writes about objections."""

from collections.abc import Sequence
from uuid import UUID

from services.project_management.applications.model import Application
from services.project_management.awards.actions import locked_decision
from services.project_management.calls.model import Call
from services.project_management.decisions.rules import SHOWN
from services.project_management.decisions.rules import State as DecisionState
from services.project_management.objections import queries, rules
from services.project_management.objections.model import Objection
from services.project_management.objections.schemas import ObjectionAnswerCreate, ObjectionCreate
from shared.contracts.base import Event
from shared.db.work import Work
from shared.kernel.errors import Invalid, NotFound
from shared.kernel.ids import new_id
from shared.kernel.marks import N_, S_
from shared.kernel.types import SecurityLabel


async def lodge_objection(work: Work, call_id: UUID, fields: ObjectionCreate) -> Objection:
    """Object to a list in public notice, with reason and evidence, under one's own name.

    Raises NotFound for a call one may not read, NoNotice, NoticeOver with the dates and the other ways, Invalid for an
    application that the notice does not name.
    """
    rules.LODGE.admits(work.actor)
    call = await work.session.get(Call, call_id)
    if call is None or call.released_at is None or not SecurityLabel(call.label).readable_with(work.actor.clearance):
        raise NotFound(S_("There is no %(thing)s here that you may see.", thing="call"))
    if not await work.row("SELECT 1 FROM decisions WHERE call_id = %(call)s", {"call": call_id}):
        rules.in_time(None, None, "", 0, work.began)
    call, decision = await locked_decision(work, call_id)
    rules.in_time(
        decision.notice_from, decision.notice_until, decision.state, call.award_terms["appeal_days"], work.began
    )
    title = ""
    if fields.application_id is not None:
        shown = {one["id"]: one for one in decision.trace["result"]["items"] if one["outcome"] in SHOWN}
        item = shown.get(str(fields.application_id))
        if item is None:
            raise Invalid.field("/application_id", N_("The notice names no such application."))
        title = (await work.get(Application, fields.application_id, lock=False)).title
    waiting = await work.row(
        """SELECT 1 FROM objections WHERE decision_id = %(id)s AND subject = %(subject)s AND state = 'lodged'
           AND list_number = %(number)s AND application_id IS NOT DISTINCT FROM %(about)s""",
        {"id": decision.id, "subject": work.actor.subject, "number": decision.number, "about": fields.application_id},
    )
    if waiting:
        raise rules.LodgedAlready(
            N_("Your objection to this waits for its answer. Withdraw it first if you want to lodge another.")
        )
    objection = Objection(
        id=new_id(),
        decision_id=decision.id,
        call_id=call_id,
        call_title=call.title,
        office_id=call.organisation_id,
        label=call.label,
        list_number=decision.number,
        application_id=fields.application_id,
        application_title=title,
        subject=work.actor.subject,
        name=work.actor.name or work.actor.subject,
        reason=fields.reason,
        evidence=fields.evidence,
        created_at=work.now,
    )
    work.add(objection)
    await work.session.flush()
    _emit(work, objection.lodged(work.now), unnamed=True)
    return objection


async def withdraw_objection(work: Work, objection_id: UUID, version: int | None) -> Objection:
    """Take one's own objection back. Raises NotFound, Stale, ObjectionNotReady."""
    rules.WITHDRAW.admits(work.actor)
    objection = await work.get(Objection, objection_id)
    rules.WITHDRAW.require(
        work.actor, label=SecurityLabel(objection.label), person=objection.subject, thing="objection"
    )
    work.must_match(objection, version)
    _emit(work, objection.withdraw(), unnamed=True)
    return objection


async def answer_objection(
    work: Work, objection_id: UUID, fields: ObjectionAnswerCreate, version: int | None
) -> Objection:
    """Answer with reasons: the list stays, or it goes back to be decided again.

    Raises NotFound, also to organisations that applied; Stale, ObjectionNotReady, Concerned.
    """
    rules.ANSWER.admits(work.actor)
    seen = await work.get(Objection, objection_id, lock=False)
    parties = await queries.parties_of(work, seen.call_id)
    rules.ANSWER.require(work.actor, label=SecurityLabel(seen.label), parties=parties, thing="objection")
    _call, decision = await locked_decision(work, seen.call_id)
    objection = await work.get(Objection, objection_id)
    work.must_match(objection, version)
    rules.unconcerned(
        work.actor.subject,
        objection.subject,
        await queries.hands(work, objection.decision_id, objection.list_number),
        reviewed=await queries.has_reviewed(work, objection.call_id),
    )
    upheld = fields.decision == "uphold"
    _emit(work, objection.answered(uphold=upheld, answer=fields.answer, subject=work.actor.subject, now=work.now))
    if upheld and decision.state in (DecisionState.IN_NOTICE.value, DecisionState.IN_APPROVAL.value):
        _emit(work, decision.reopen(N_("An objection was upheld. Its answer says what has to change.")))
    return objection


def _emit(work: Work, facts: Sequence[Event], *, unnamed: bool = False) -> None:
    """Who objects is told by the objection's own page to whom it concerns, and by nothing else: `unnamed`."""
    for fact in facts:
        work.emit(fact, unnamed=unnamed)
