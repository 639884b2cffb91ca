"""Writes about the agreement on a project's results."""

from collections.abc import Collection, Iterable
from fractions import Fraction
from uuid import UUID

from sqlalchemy import select

from services.project_management.applications.model import Application
from services.project_management.applications.queries import partners_of, taking_part
from services.project_management.calls.model import Call
from services.project_management.receipts.actions import number_paper
from services.project_management.rights import rules
from services.project_management.rights.model import Agreement, AgreementSignature, AgreementVersion
from services.project_management.rights.queries import misaddressed, with_lawyers
from services.project_management.rights.rules import State
from services.project_management.rights.schemas import (
    PartyRefusalCreate,
    PartySignatureCreate,
    ReopeningCreate,
    TermsUpdate,
)
from services.project_management.snapshots import canonical
from shared.contracts.base import Event
from shared.db.work import Work
from shared.kernel.errors import Invalid
from shared.kernel.ids import new_id
from shared.kernel.marks import N_, S_
from shared.kernel.policy import Policy
from shared.kernel.types import SecurityLabel

AT_ONCE = 50
"""How many the clock looks at in one unit of work."""


async def begin_agreement(work: Work, application: Application, call: Call) -> Agreement:
    """The agreement on what will come of a funded application, and a task for its lead to word it.

    For the features above, which have asked their own policy. It is there once: an existing one is returned.
    """
    found = await agreement_on(work, application.id)
    if found:
        return found
    partners = [one.ref.model_dump() for one in taking_part(await partners_of(work, application.id))]
    lead = {"id": str(application.lead_id), "name": application.lead_name}
    agreement = Agreement(
        id=new_id(),
        application_id=application.id,
        call_title=call.title,
        title=application.title,
        office_id=call.organisation_id,
        office_name=call.organisation_name,
        lead_id=application.lead_id,
        lead_name=application.lead_name,
        partners=partners,
        label=application.label,
        inventor_floor=call.inventor_floor,
        terms=rules.opening_terms([lead, *partners], Fraction(call.inventor_floor), call.agreed),
        created_at=work.now,
    )
    work.add(agreement)
    _emit(work, agreement.begin(work.now, await lawyers_of(work, agreement)))
    return agreement


async def end_agreement(work: Work, application_id: UUID, *, stays: bool) -> None:
    """Its project ended early: nobody words or signs it any more, and what all have signed `stays` or ends as well.
    For the features above, which have asked their own policy."""
    agreement = await agreement_on(work, application_id)
    if agreement:
        _emit(work, agreement.end(stays=stays))


async def agreement_on(work: Work, application_id: UUID) -> Agreement | None:
    """The agreement on what comes of an application, locked."""
    found = await work.session.execute(
        select(Agreement).where(Agreement.application_id == application_id).with_for_update()  # type: ignore[arg-type]
    )
    return found.scalars().first()


async def write_terms(work: Work, agreement_id: UUID, fields: TermsUpdate, version: int | None) -> Agreement:
    """Word the agreement; it need not be whole yet. Raises NotFound, Stale, AgreementNotReady."""
    agreement = await _agreement(work, agreement_id, rules.WRITE, version)
    terms = fields.model_dump(mode="json")
    agreement.write(terms)
    return agreement


async def propose_agreement(work: Work, agreement_id: UUID, version: int | None) -> Agreement:
    """Put the terms before the parties, fixed with their SHA-256.

    Raises NotFound, Stale, AgreementNotReady, AgreementUnsound when the shares are not whole or below the floor.
    """
    agreement = await _agreement(work, agreement_id, rules.WRITE, version)
    rules.next_state("propose", State(agreement.state))
    trace = rules.soundness(agreement.inputs())
    rules.require_sound(trace)
    agreement.number += 1
    content, sha256 = canonical(agreement.content())
    _emit(work, agreement.propose(work.now, sha256, await lawyers_of(work, agreement)))
    work.add(
        AgreementVersion(
            agreement_id=agreement.id,
            number=agreement.number,
            content=content,
            sha256=sha256,
            trace=trace.model_dump(mode="json"),
            proposed_by=work.actor.subject,
            proposed_at=work.now,
        )
    )
    return agreement


async def sign_agreement(
    work: Work, agreement_id: UUID, fields: PartySignatureCreate, version: int | None
) -> Agreement:
    """Sign for one party; with the last signature the version is in force.

    Raises NotFound, Stale, AgreementNotReady, NotAParty, SignedAlready, Invalid.
    """
    agreement = await _agreement(work, agreement_id, rules.SIGN, version)
    rules.next_state("sign", State(agreement.state))
    signatures = await _signatures(work, agreement)
    party = _party(work, agreement, fields.organisation_id, {str(one.organisation_id) for one in signatures})
    if work.actor.subject in {one.subject for one in signatures}:
        raise rules.SignedAlready(N_("You have signed for another party. Somebody else has to sign for this one."))
    work.add(
        AgreementSignature(
            agreement_id=agreement.id,
            number=agreement.number,
            organisation_id=UUID(party),
            subject=work.actor.subject,
            signed_at=work.now,
        )
    )
    _emit(work, agreement.sign(party))
    signed = [str(one.organisation_id) for one in signatures] + [party]
    if not rules.unsigned(agreement.parties, signed):
        work.emit(agreement.agree())
        kept = await work.session.get(AgreementVersion, (agreement.id, agreement.number))
        assert kept
        kept.agreed_at = work.now
        seen = await work.get(Application, agreement.application_id, lock=False)
        number_paper(
            work,
            kind="agreement",
            about_id=agreement.id,
            call_id=seen.call_id,
            sha256=kept.sha256,
            version=kept.number,
        )
    else:
        signers = [*(one.subject for one in signatures), work.actor.subject]
        _emit(work, agreement.hand_on(work.now, await lawyers_of(work, agreement, signers)))
    return agreement


async def refuse_agreement(
    work: Work, agreement_id: UUID, fields: PartyRefusalCreate, version: int | None
) -> Agreement:
    """Do not sign, with the reason; the lead words it again. Raises NotFound, Stale, AgreementNotReady, NotAParty."""
    agreement = await _agreement(work, agreement_id, rules.SIGN, version)
    rules.next_state("refuse", State(agreement.state))
    signed = {str(one.organisation_id) for one in await _signatures(work, agreement)}
    party = _party(work, agreement, fields.organisation_id, signed)
    _emit(work, agreement.refuse(work.now, party, fields.reason, await lawyers_of(work, agreement)))
    return agreement


async def reopen_agreement(work: Work, agreement_id: UUID, fields: ReopeningCreate, version: int | None) -> Agreement:
    """Word it anew; what all have signed stays in force. Raises NotFound, Stale, AgreementNotReady."""
    agreement = await _agreement(work, agreement_id, rules.WRITE, version)
    _emit(work, agreement.reopen(work.now, fields.reason, await lawyers_of(work, agreement)))
    return agreement


async def hand_on_tasks(work: Work) -> None:
    """By the clock: what waits for legal officers who are gone goes to who binds the organisation, and back."""
    for id in await misaddressed(work, AT_ONCE):
        async with work.apart(agreement=id):
            agreement = await work.get(Agreement, id)
            signers = [one.subject for one in await _signatures(work, agreement)]
            if agreement.state == State.DRAFT.value:
                signers = []
            _emit(work, agreement.hand_on(work.now, await lawyers_of(work, agreement, signers)))


async def lawyers_of(work: Work, agreement: Agreement, signers: Collection[str] = ()) -> frozenset[str]:
    """The organisations whose legal officers may word it, or sign it after the `signers`. Also for features above."""
    known = [one["id"] for one in agreement.organisations]
    return await with_lawyers(work, known, agreement.label, signers)


def _party(work: Work, agreement: Agreement, wanted: UUID | None, signed: set[str]) -> str:
    """The party for which the actor signs. Raises NotAParty, SignedAlready, Invalid."""
    held = {str(one) for one in work.actor.organisations(*rules.SIGNERS) & agreement.owners}
    if rules.SIGN.in_charge(work.actor, agreement.office_id, agreement.owners):
        held.add(str(agreement.office_id))
    mine = [one for one in agreement.parties if one in held]
    if not mine:
        raise rules.NotAParty(N_("The agreement names no organisation as a party for which you may sign."))
    if wanted is not None and str(wanted) not in mine:
        raise Invalid.field("/organisation_id", N_("Choose a party for which you may sign."))
    left = rules.unsigned(mine if wanted is None else [str(wanted)], signed)
    if not left:
        name = agreement.name_of(mine[0] if wanted is None else str(wanted))
        raise rules.SignedAlready(S_("%(name)s has signed this version already.", name=name))
    return left[0]


async def _agreement(work: Work, agreement_id: UUID, policy: Policy, version: int | None) -> Agreement:
    """The agreement, locked, if the policy allows it. Raises NotFound, Stale."""
    policy.admits(work.actor)
    agreement = await work.get(Agreement, agreement_id)
    policy.require(
        work.actor,
        owners={agreement.lead_id} if policy is rules.WRITE else agreement.owners,
        parties=agreement.owners,
        office=agreement.office_id,
        label=SecurityLabel(agreement.label),
        thing="agreement",
    )
    work.must_match(agreement, version)
    return agreement


async def _signatures(work: Work, agreement: Agreement) -> list[AgreementSignature]:
    found = await work.session.execute(
        select(AgreementSignature).where(
            AgreementSignature.agreement_id == agreement.id,  # type: ignore[arg-type]
            AgreementSignature.number == agreement.number,  # type: ignore[arg-type]
        )
    )
    return list(found.scalars().all())


def _emit(work: Work, facts: Iterable[Event]) -> None:
    for fact in facts:
        work.emit(fact)
