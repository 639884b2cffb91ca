"""Writes about the reserve list: an award is turned down, and the next is asked."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from services.project_management.applications.model import Application, Partner
from services.project_management.applications.queries import partners_of
from services.project_management.awards.actions import issue_letters
from services.project_management.awards.model import Award
from services.project_management.calls.model import Call
from services.project_management.reserves import queries, rules
from services.project_management.reserves.model import Offer
from services.project_management.reserves.rules import OfferNotReady, ProjectBegun, State
from shared.contracts.base import Event
from shared.db.work import Work
from shared.kernel.ids import new_id
from shared.kernel.marks import N_
from shared.kernel.types import SecurityLabel

AT_ONCE = 20
"""Calls whose reserve list is looked at in one unit of work."""
FROM_RESERVE = N_("An award became free, and it was the next of the reserve list whom the money reached.")


async def refuse_award(work: Work, award_id: UUID, reason: str, version: int | None) -> Award:
    """Turn an award down, offered or decided, before a task book is drawn up; the next of the reserve list is asked.

    Raises NotFound, Stale, OfferNotReady, ProjectBegun.
    """
    call, application, award = await _award(work, award_id, version)
    offer = await _open_offer(work, award.id)
    if offer is None and award.outcome != "funded":
        raise OfferNotReady(N_("This award was neither granted nor offered."))
    if await work.row("SELECT 1 FROM projects WHERE application_id = %(id)s", {"id": application.id}):
        raise ProjectBegun(N_("A task book is drawn up for it. Ask the programme office to end the project instead."))
    if offer:
        _emit(work, offer.answer("refuse", reason, work.now))
    await _free(work, call, application, award, reason)
    return award


async def accept_award(work: Work, award_id: UUID, version: int | None) -> Award:
    """Take an award that is offered: it is funded from now on. Raises NotFound, Stale, OfferNotReady."""
    call, application, award = await _award(work, award_id, version)
    offer = await _open_offer(work, award.id)
    if offer is None or offer.until <= work.began:
        raise OfferNotReady(N_("No offer waits for an answer, or its time is over."))
    _emit(work, offer.answer("accept", "", work.now))
    await fund(work, call, application, award, FROM_RESERVE)
    return award


async def offer_reserves(work: Work) -> None:
    """By the clock: offers that were not answered lapse, and what became free is offered to the next, by rule."""
    over = await work.rows(
        """SELECT call_id, award_id FROM award_offers WHERE state = 'offered' AND until <= %(now)s
           ORDER BY until LIMIT %(most)s""",
        {"now": work.now, "most": AT_ONCE},
    )
    for row in over:
        async with work.apart(award=row["award_id"]):
            call = await work.get(Call, row["call_id"])
            seen = await work.get(Award, row["award_id"], lock=False)
            application = await work.get(Application, seen.application_id)
            award = await work.get(Award, row["award_id"])
            offer = await _open_offer(work, award.id)
            if offer and offer.until <= work.now:
                _emit(work, offer.answer("lapse", N_("It was not answered in time."), work.now))
                await _free(work, call, application, award, N_("The offer was not answered in time."))
    free = await work.rows(
        "SELECT call_id FROM decisions WHERE offers_due ORDER BY call_id LIMIT %(most)s", {"most": AT_ONCE}
    )
    for row in free:
        async with work.apart(call=row["call_id"]):
            await _offer_next(work, row["call_id"])


async def fund(work: Work, call: Call, application: Application, award: Award, reason: str) -> None:
    """The award is granted after all: said of the application, with a letter of its own, and the office has a task."""
    award.grant(application.requested_amount, reason)
    partners = await partners_of(work, application.id)
    amount = application.requested_amount
    work.emit(application.decide(partners, outcome="funded", amount=amount, reason=reason))
    await work.session.flush()
    await issue_letters(work, call, [(application, award)])
    _emit(work, award.book_due(application, call.organisation_id, work.now))


async def _free(work: Work, call: Call, application: Application, award: Award, reason: str) -> None:
    _emit(work, award.turn_down(application, call.organisation_id))
    partners = await partners_of(work, application.id)
    work.emit(application.turn_down(partners, reason))
    await work.execute("UPDATE decisions SET offers_due = true WHERE call_id = %(call)s", {"call": call.id})


async def _offer_next(work: Work, call_id: UUID) -> None:
    """One offer; where the money reaches nobody any more, the call's list is at rest."""
    await work.get(Call, call_id)
    trace = await asyncio.to_thread(rules.next_offer, await queries.offer_inputs(work, call_id))
    if trace.result["application_id"] is None:
        await work.execute("UPDATE decisions SET offers_due = false WHERE call_id = %(call)s", {"call": call_id})
        return
    application = await work.get(Application, UUID(trace.result["application_id"]))
    row = await work.row("SELECT id FROM awards WHERE application_id = %(id)s", {"id": application.id})
    assert row
    partners: Sequence[Partner] = await partners_of(work, application.id)
    offer = Offer(
        id=new_id(),
        award_id=row["id"],
        application_id=application.id,
        call_id=call_id,
        title=application.title,
        label=application.label,
        lead_id=application.lead_id,
        owners=sorted(str(one) for one in application.owners(partners)),
        amount=application.requested_amount,
        currency=application.requested_currency,
        until=work.now + rules.TIME_TO_ANSWER,
        trace=trace.model_dump(mode="json"),
        created_at=work.now,
    )
    work.add(offer)
    await work.session.flush()
    _emit(work, offer.made(trace.clauses[-1].reason))


async def _award(work: Work, award_id: UUID, version: int | None) -> tuple[Call, Application, Award]:
    """The award for its lead: call, application, award, locked in this order."""
    rules.ANSWER.admits(work.actor)
    seen = await work.get(Award, award_id, lock=False)
    call = await work.get(Call, seen.call_id)
    application = await work.get(Application, seen.application_id)
    award = await work.get(Award, award_id)
    rules.ANSWER.require(
        work.actor, owners={application.lead_id}, label=SecurityLabel(application.label), thing="award"
    )
    work.must_match(award, version)
    return call, application, award


async def _open_offer(work: Work, award_id: UUID) -> Offer | None:
    row = await work.row(
        "SELECT id FROM award_offers WHERE award_id = %(award)s AND state = %(state)s",
        {"award": award_id, "state": State.OFFERED.value},
    )
    return await work.get(Offer, row["id"]) if row else None


def _emit(work: Work, facts: Sequence[Event]) -> None:
    for fact in facts:
        work.emit(fact)
