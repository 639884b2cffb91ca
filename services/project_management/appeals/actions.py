"""Writes about appeals."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.project_management.appeals import queries, rules
from services.project_management.appeals.model import Appeal
from services.project_management.appeals.schemas import AppealCreate, AppealDecisionCreate
from services.project_management.applications.model import Application
from services.project_management.applications.queries import partners_of
from services.project_management.awards.actions import issue_letters
from services.project_management.awards.model import Award
from services.project_management.calls.model import Call
from services.project_management.objections.queries import parties_of
from services.project_management.reserves.actions import fund
from services.project_management.reserves.queries import offer_inputs
from services.project_management.reserves.rules import next_offer
from shared.contracts.base import Event
from shared.db.work import Work
from shared.kernel.ids import new_id
from shared.kernel.marks import S_
from shared.kernel.types import SecurityLabel


async def lodge_appeal(work: Work, award_id: UUID, fields: AppealCreate) -> Appeal:
    """Appeal against a decision, once, within the days that the letter says.

    Raises NotFound, NoAppeal, AppealTooLate.
    """
    rules.APPEAL.admits(work.actor)
    _call, application, award = await _locked(work, award_id)
    label = SecurityLabel(application.label)
    rules.APPEAL.require(work.actor, owners={application.lead_id}, label=label, thing="award")
    letter = await queries.first_letter(work, award_id)
    before = await work.row("SELECT 1 FROM appeals WHERE award_id = %(id)s", {"id": award_id})
    rules.possible(
        award.outcome,
        appealed=before is not None,
        letter=letter["issued_at"] if letter else None,
        until=letter["until"] if letter else None,
        now=work.began,
    )
    assert letter
    partners = await partners_of(work, application.id)
    appeal = Appeal(
        id=new_id(),
        award_id=award_id,
        application_id=application.id,
        call_id=application.call_id,
        title=application.title,
        label=application.label,
        lead_id=application.lead_id,
        owners=sorted(str(one) for one in application.owners(partners)),
        letter=letter["number"],
        grounds=fields.grounds,
        lodged_by=work.actor.subject,
        created_at=work.now,
    )
    work.add(appeal)
    await work.session.flush()
    hands, _reviewed = await queries.hands_in(work, appeal.call_id)
    _emit(work, appeal.lodged(work.now, hands))
    return appeal


async def withdraw_appeal(work: Work, appeal_id: UUID, version: int | None) -> Appeal:
    """Take the appeal back; another is not taken. Raises NotFound, Stale, AppealNotReady."""
    rules.APPEAL.admits(work.actor)
    appeal = await work.get(Appeal, appeal_id)
    label = SecurityLabel(appeal.label)
    rules.APPEAL.require(work.actor, owners={appeal.lead_id}, label=label, thing="appeal")
    work.must_match(appeal, version)
    _emit(work, appeal.withdraw())
    return appeal


async def decide_appeal(work: Work, appeal_id: UUID, fields: AppealDecisionCreate, version: int | None) -> Appeal:
    """Dismiss it, and the decision stands; or grant it, and the outcome follows by rule. A letter goes out either way.

    Raises NotFound, also to organisations that applied; Stale, AppealNotReady, OwnDecision.
    """
    rules.DECIDE.admits(work.actor)
    seen = await work.get(Appeal, appeal_id, lock=False)
    parties = await parties_of(work, seen.call_id)
    rules.DECIDE.require(work.actor, label=SecurityLabel(seen.label), parties=parties, thing="appeal")
    call, application, award = await _locked(work, seen.award_id)
    appeal = await work.get(Appeal, appeal_id)
    work.must_match(appeal, version)
    grant = fields.decision == "grant"
    rules.next_state("grant" if grant else "dismiss", rules.State(appeal.state))
    hands, reviewed = await queries.hands_in(work, appeal.call_id)
    rules.another(work.actor.subject, hands, reviewed=reviewed)
    settled = await queries.is_settled(work, award.id)
    trace: dict[str, Any] | None = None
    if grant:
        rules.unsettled(settled)
        inputs = await offer_inputs(work, appeal.call_id, application.id)
        trace = (await asyncio.to_thread(next_offer, inputs)).model_dump(mode="json")
    _emit(
        work,
        appeal.decide(grant=grant, answer=fields.reason, subject=work.actor.subject, now=work.now, trace=trace),
    )
    if settled:  # the letter of what happened meanwhile has gone out
        return appeal
    if trace is None:
        award.reason = S_("The appeal was dismissed and the decision stands: %(reason)s", reason=fields.reason)
        award.touch()
    elif trace["result"]["application_id"]:
        reason = S_("The appeal was granted: %(reason)s", reason=fields.reason)
        await fund(work, call, application, award, reason)
        return appeal
    else:
        await _put_ahead(work, application, award, fields.reason)
    await work.session.flush()
    await issue_letters(work, call, [(application, award)])
    return appeal


async def _put_ahead(work: Work, application: Application, award: Award, words: str) -> None:
    reason = S_(
        "The appeal was granted, but the money does not reach it now. It is the first of the reserve list: %(reason)s",
        reason=words,
    )
    if award.outcome == "declined":
        partners = await partners_of(work, application.id)
        work.emit(application.decide(partners, outcome="reserve", amount=award.amount_amount, reason=reason))
    award.put_ahead(reason)


async def _locked(work: Work, award_id: UUID) -> tuple[Call, Application, Award]:
    """In the order in which everybody locks them."""
    seen = await work.get(Award, award_id, lock=False)
    call = await work.get(Call, seen.call_id)
    application = await work.get(Application, seen.application_id)
    return call, application, await work.get(Award, award_id)


def _emit(work: Work, facts: Sequence[Event]) -> None:
    for fact in facts:
        work.emit(fact)
