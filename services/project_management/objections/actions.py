"""Writes about objections."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.project_management.applications.model import Application
from services.project_management.awards.actions import locked_decision
from services.project_management.calls.model import Call
from services.project_management.decisions.rules import SHOWN
from services.project_management.decisions.rules import State as DecisionState
from services.project_management.objections import queries, rules
from services.project_management.objections.model import NoticeTask, Objection
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
    hands = await queries.hands(work, decision.id, decision.number)
    answers = await queries.who_answers(work, hands)
    _emit(work, objection.lodged(work.now, answers, hands), unnamed=True)
    return objection


async def tell_of_notices(work: Work) -> None:
    """By the clock: who applied is told that a list is in public notice, until when and where to object; and the task
    of a list that is shown no more is closed."""
    for row in await work.rows(_UNTOLD, {"now": work.now, "most": AT_ONCE}):
        async with work.apart(decision=row["decision_id"]):
            call, decision = await locked_decision(work, row["call_id"])
            if decision.state != DecisionState.IN_NOTICE.value or decision.notice_until is None:
                continue
            for one in await work.rows(_WHO, {"call": call.id, "id": decision.id, "number": decision.number}):
                told = NoticeTask(
                    decision_id=decision.id,
                    list_number=decision.number,
                    organisation_id=one["organisation_id"],
                    title=S_("Read the public notice of “%(title)s”, to which you can object", title=call.title),
                )
                work.emit(told.tell(call, one["leads"], decision.notice_until))
                work.add(told)
    for row in await work.rows(_TOLD_OF_WHAT_IS_OVER, {"now": work.now, "most": AT_ONCE}):
        async with work.apart(decision=row["decision_id"]):
            call, decision = await locked_decision(work, row["call_id"])
            for told in await _open_tasks(work, NoticeTask.decision_id == decision.id):
                shown = decision.state == DecisionState.IN_NOTICE.value and decision.number == told.list_number
                if not shown or decision.notice_until is None or decision.notice_until <= work.now:
                    work.emit(told.over(call, "over"))


async def note_notice(work: Work, call_id: UUID) -> None:
    """Somebody of an organisation that applied has read the notice: its task is done. Nothing happens where there is
    none. Raises NotFound."""
    rules.NOTE.admits(work.actor)
    await queries.call_title(work, call_id)
    call = await work.get(Call, call_id)
    row = await work.row("SELECT id FROM decisions WHERE call_id = %(call)s", {"call": call_id})
    mine = work.actor.organisations(*(rules.NOTE.roles or ()))
    of_mine = NoticeTask.organisation_id.in_(mine)  # type: ignore[attr-defined]
    for told in await _open_tasks(work, NoticeTask.decision_id == row["id"], of_mine) if row else ():
        work.emit(told.over(call, "read"))


async def _open_tasks(work: Work, *which: Any) -> Sequence[NoticeTask]:
    found = await work.session.execute(
        select(NoticeTask)
        .where(NoticeTask.task_id.is_not(None), *which)  # type: ignore[union-attr]
        .order_by(NoticeTask.organisation_id)  # type: ignore[arg-type]
        .with_for_update()
    )
    return found.scalars().all()


AT_ONCE = 20
_UNTOLD = """
SELECT d.id AS decision_id, d.call_id FROM decisions d
WHERE d.state = 'in_notice' AND d.notice_until > %(now)s
  AND NOT EXISTS (SELECT FROM notice_tasks n WHERE n.decision_id = d.id AND n.list_number = d.number)
ORDER BY d.notice_from LIMIT %(most)s"""
_WHO = """
SELECT o.organisation_id, bool_or(o.leads) AS leads FROM (
    SELECT a.lead_id AS organisation_id, true AS leads FROM applications a
    WHERE a.call_id = %(call)s AND a.state NOT IN ('draft', 'withdrawn')
    UNION SELECT p.organisation_id, false FROM application_partners p JOIN applications a ON a.id = p.application_id
    WHERE a.call_id = %(call)s AND a.state NOT IN ('draft', 'withdrawn') AND p.left_at IS NULL) o
WHERE NOT EXISTS (SELECT FROM notice_tasks n WHERE n.decision_id = %(id)s AND n.list_number = %(number)s
                    AND n.organisation_id = o.organisation_id)
GROUP BY o.organisation_id ORDER BY o.organisation_id"""
_TOLD_OF_WHAT_IS_OVER = """
SELECT DISTINCT d.id AS decision_id, d.call_id FROM notice_tasks n JOIN decisions d ON d.id = n.decision_id
WHERE n.task_id IS NOT NULL
  AND (d.state <> 'in_notice' OR d.number <> n.list_number OR d.notice_until <= %(now)s) LIMIT %(most)s"""


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
