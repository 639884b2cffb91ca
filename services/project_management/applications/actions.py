"""Writes about applications."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.project_management.applications import facts, queries, rules
from services.project_management.applications.consents import keep_consent
from services.project_management.applications.eligibility import eligibility, may_submit
from services.project_management.applications.model import Application, ApplicationVersion, Partner
from services.project_management.applications.schemas import (
    ApplicationChange,
    ApplicationCreate,
    ApplicationForm,
    CheckCreate,
    ChecksCreate,
    ConsentCreate,
)
from services.project_management.calls import rules as call_rules
from services.project_management.calls.model import Call
from services.project_management.organisations.queries import standings
from services.project_management.receipts.actions import give_receipt
from services.project_management.snapshots import canonical
from shared.blobs.rows import attach, documents_of
from shared.contracts.projects import TaskDone
from shared.db.work import Work
from shared.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from shared.kernel.marks import N_, S_
from shared.kernel.policy import Policy
from shared.kernel.types import Role, SecurityLabel

CHECK_WITHIN = timedelta(days=5)
"""A programme office looks at a submission within this time."""


async def draft_application(
    work: Work, fields: ApplicationCreate, *, earlier_id: UUID | None = None, lead_id: UUID | None = None
) -> Application:
    """Begin an application, led by the organisation that the actor applies for; `earlier_id` names one handed in again.

    Raises NotFound for a call the actor may not see, CallNotReady when it takes none any more, Invalid, Forbidden.
    """
    actor = work.actor
    lead_id = lead_id or actor.organisation(Role.APPLICANT)
    rules.DRAFT.require(actor, owners={lead_id} if lead_id else set())
    assert lead_id is not None
    call = await work.session.get(Call, fields.call_id)
    if call is None or call.released_at is None or not SecurityLabel(call.label).readable_with(actor.clearance):
        raise NotFound(N_("There is no call here that you may see."))
    _still_taking(call, work)
    label = rules.label_for(SecurityLabel(call.label))
    if not label.readable_with(actor.clearance):
        raise Forbidden(
            S_(
                "Applications to this call are %(label)s. Ask for a higher clearance before you apply.",
                label=label.value,
            )
        )
    lead = (await standings(work, [lead_id])).get(lead_id)
    application = Application.model_validate(
        {
            "call_id": call.id,
            "call_title": call.title,
            "call_version": call.released_version,
            "title": fields.title,
            "abstract": fields.abstract,
            "field": fields.field,
            "requested_amount": fields.requested.amount,
            "requested_currency": fields.requested.currency,
            "lead_id": lead_id,
            "lead_name": lead.name if lead else actor.organisation_name(lead_id) or str(lead_id),
            "label": label.value,
            "drafted_by": actor.subject,
            "earlier_id": earlier_id,
            "created_at": work.now,
        }
    )
    work.add(application)
    partners = await _name_partners(work, application, [], fields.partner_ids)
    work.emit(application.drafted(partners))
    for partner in partners:
        work.emit(application.ask(partner, partners, call.closes_at))
    return application


async def edit_application(
    work: Work, application_id: UUID, fields: ApplicationChange | ApplicationForm, version: int | None
) -> Application:
    """Change a draft. What is None stays. A partner who consented to other words is asked again.

    Raises NotFound, Stale, Invalid, ApplicationNotReady, Forbidden for a partner that would change more than text.
    """
    application, partners = await _application(work, application_id, rules.WRITE, version)
    rules.writing(rules.State(application.state))
    call = await work.get(Call, application.call_id, lock=False)
    values: dict[str, Any] = {"title": fields.title, "abstract": fields.abstract, "field": fields.field}
    if fields.requested is not None:
        values |= {"requested_amount": fields.requested.amount, "requested_currency": fields.requested.currency}
    changed = [name for name, value in values.items() if value is not None and getattr(application, name) != value]
    kept = list(partners)
    if fields.partner_ids is not None:
        wanted = list(dict.fromkeys(fields.partner_ids))
        if wanted != [partner.organisation_id for partner in partners]:
            changed.append("partner_ids")
            kept = await _name_partners(work, application, partners, wanted)
    if not changed:
        return application
    if application.lead_id not in work.actor.organisations(Role.APPLICANT) and set(changed) - rules.TEXT:
        raise Forbidden(N_("The lead changes what is asked for, and with whom. You write title, abstract and field."))
    if application.state == rules.State.RETURNED.value and set(changed) - rules.COMPLETABLE:
        fixed = sorted(set(changed) - rules.COMPLETABLE)[0].removesuffix("_amount").removesuffix("_currency")
        raise Invalid.field(
            f"/{fixed}", N_("This stays as it was handed in. Text, field and documents can be completed.")
        )
    for name in changed:
        if name in values:
            setattr(application, name, values[name])
    work.emit(application.edited(changed, kept))
    for partner in partners:
        if partner not in kept:
            _settle(work, application, partner, kept, "taken off")
            await work.session.delete(partner)
    for partner in kept:
        new = partner not in partners
        answered = partner.left_at is None and partner.answer != rules.Answer.PENDING.value
        if new or answered:
            work.emit(application.ask(partner, kept, call.closes_at))
    return application


async def attach_document(work: Work, application_id: UUID, document_id: UUID, version: int | None) -> Application:
    """Make an uploaded PDF part of the draft; partners who consented without it are asked again.

    Raises NotFound, Stale, Invalid, Conflict, ApplicationNotReady.
    """
    application, partners = await _application(work, application_id, rules.WRITE, version)
    rules.writing(rules.State(application.state))
    if any(one.id == document_id for one in await documents_of(work, "application", application.id)):
        return application
    document = await attach(work, document_id, "application", application.id)
    if document.media_type != facts.PDF:
        raise Invalid.field("/document_id", N_("Attach the project description as a PDF."))
    if document.label.rank > SecurityLabel(application.label).rank:
        raise Invalid.field(
            "/document_id", S_("Its label is above the application's, which is %(label)s.", label=application.label)
        )
    work.emit(application.document_attached(document.id, document.filename, document.sha256 or "", partners))
    await ask_again(work, application, partners)
    return application


async def remove_document(work: Work, application_id: UUID, document_id: UUID, version: int | None) -> Application:
    """Take a document out of the draft; its organisation keeps it for use elsewhere. A partner takes out its own.

    Raises NotFound, Stale, Conflict, NotYours, ApplicationNotReady.
    """
    application, partners = await _application(work, application_id, rules.WRITE, version)
    rules.writing(rules.State(application.state))
    if not any(one.id == document_id for one in await documents_of(work, "application", application.id)):
        raise Conflict(N_("This file is not attached here any more."))
    if document_id not in await queries.removable(work, application.id):
        raise rules.NotYours(
            N_("What was handed in stays: attach the corrected one beside it. A partner takes out its own alone.")
        )
    await work.execute(
        """UPDATE documents SET owner_kind = NULL, owner_id = NULL
           WHERE id = %(id)s AND owner_kind = 'application' AND owner_id = %(owner)s""",
        {"id": document_id, "owner": application.id},
    )
    work.emit(application.edited(["documents"], partners))
    await ask_again(work, application, partners)
    return application


async def ask_again(work: Work, application: Application, partners: Sequence[Partner]) -> None:
    """What partners consented to has changed: they are asked anew."""
    application.touched = application.state == rules.State.DRAFT.value
    call = await work.get(Call, application.call_id, lock=False)
    for partner in partners:
        if partner.left_at is None and partner.departure_id is None and partner.answer == rules.Answer.CONSENTED.value:
            work.emit(application.ask(partner, partners, application.return_due_at or call.closes_at))


async def ask_again_about(work: Work, application_id: UUID) -> None:
    """The same for who has written a part of it, such as answers, with the application locked."""
    application = await work.get(Application, application_id)
    await ask_again(work, application, await queries.partners_of(work, application_id))


async def answer_for_partner(
    work: Work, application_id: UUID, fields: ConsentCreate, version: int | None
) -> Application:
    """Consent or refuse for the partner organisation the actor represents.

    Raises NotFound, Stale, Invalid, Conflict when nothing is asked of it, ApplicationNotReady.
    """
    application, partners = await _application(work, application_id, rules.CONSENT, version, partners_only=True)
    if fields.decision == "refuse" and not fields.reason:
        raise Invalid.field("/reason", N_("Say why, so that the lead can plan again."))
    represented = work.actor.organisations(Role.REPRESENTATIVE)
    mine = [one for one in partners if one.organisation_id in represented and one.left_at is None]
    if not [one for one in mine if one.departure_id is None]:
        raise Conflict(N_("Your organisation left, or is asked to take the part of one that did. See who takes part."))
    mine = [one for one in mine if one.departure_id is None]
    chosen = next((one for one in mine if one.organisation_id == work.actor.acting_for), None) or next(
        (one for one in mine if one.answer == rules.Answer.PENDING.value), mine[0]
    )
    if chosen.answer == rules.DECISIONS[fields.decision].value:
        raise Conflict(S_("%(name)s has given this answer already.", name=chosen.name))
    fact = application.answer(
        chosen, partners, decision=fields.decision, reason=fields.reason, subject=work.actor.subject, now=work.now
    )
    work.emit(fact)
    if fields.decision == "consent":
        await keep_consent(work, application, partners, chosen)
    _settle(work, application, chosen, partners, chosen.answer)
    return application


async def submit_application(work: Work, application_id: UUID, version: int | None) -> Application:
    """Hand the application in: eligibility is decided and kept, the content is fixed with its SHA-256.

    Raises NotFound, Stale, ApplicationNotReady, AboveClearance, TooLate, NotEligible with the trace.
    """
    rules.DRAFT.admits(work.actor)
    # The call before the application, as everybody locks them. Shared, so that those who submit do not wait for each
    # other; whoever closes the call waits for them, so the number in CallClosed is the final one.
    await work.row(
        "SELECT 1 FROM calls WHERE id = (SELECT call_id FROM applications WHERE id = %(id)s) FOR SHARE",
        {"id": application_id},
    )
    application, partners = await _application(work, application_id, rules.DRAFT, version)
    rules.next_state("submit", rules.State(application.state))
    if above := await queries.above_clearance(work, application.id):
        raise rules.AboveClearance(
            S_(
                "Something attached to it is %(label)s, which is above your clearance, and nobody hands in what they "
                "cannot read. Ask a colleague who is cleared for it to hand the application in.",
                label=above.value,
            )
        )
    call = await work.get(Call, application.call_id, lock=False)
    if application.return_due_at is not None:
        rules.completed_in_time(application.return_due_at, work.began)
    elif call.state in (call_rules.State.RELEASED.value, call_rules.State.CLOSED.value):
        rules.in_time(call.closes_at, work.began)
    trace = eligibility(await facts.eligibility_inputs(work, application.id, work.began))
    if not may_submit(trace):
        told = await facts.for_reader(work, trace, application.leader or application.drafted_by)
        open_clauses = [clause for clause in told.clauses if clause.outcome != "yes"]
        raise rules.NotEligible(
            " ".join(f"{clause.reason} {clause.remedy}".strip() for clause in open_clauses),
            eligibility=told.model_dump(mode="json"),
        )
    content, sha256 = canonical(await queries.submission(work, application, partners))
    fact = application.submit(partners, now=work.began, sha256=sha256, eligibility=trace.model_dump(mode="json"))
    work.add(
        ApplicationVersion(
            application_id=application.id,
            number=application.submitted_version or 1,
            content=content,
            sha256=sha256,
            submitted_by=work.actor.subject,
            submitted_at=work.began,
        )
    )
    application.call_version = call.released_version or 1
    give_receipt(
        work,
        application_id=application.id,
        version=application.submitted_version or 1,
        call_id=call.id,
        sha256=sha256,
        submitted_at=work.began,
    )
    work.emit(fact)
    _say(work, application.overtaken(partners, "submitted"))
    work.emit(application.ask_for_check(partners, call.organisation_id, work.now + CHECK_WITHIN))
    return application


async def withdraw_application(work: Work, application_id: UUID, reason: str, version: int | None) -> Application:
    """Take the application back, at any time before the decision. Raises NotFound, Stale, ApplicationNotReady."""
    application, partners = await _application(work, application_id, rules.DRAFT, version)
    work.emit(application.withdraw(partners, reason))
    for partner in partners:
        _settle(work, application, partner, partners, "withdrawn")
    _say(work, [application.check_done(partners, "withdrawn")])
    _say(work, application.overtaken(partners, "withdrawn"))
    return application


async def check_application(work: Work, application_id: UUID, fields: CheckCreate, version: int | None) -> Application:
    """Note that the submission is complete. Raises NotFound, Stale, ApplicationNotReady, Conflict."""
    application, partners = await _application(work, application_id, rules.CHECK, None)
    if application.submitted_at is None:
        raise NotFound(N_("There is no application here that you may see."))
    work.must_match(application, version)
    rules.next_state("check", rules.State(application.state))
    if application.checked_by is not None:
        raise Conflict(N_("It has been checked already."))
    work.emit(application.check(partners, work.actor.subject, fields.note, work.now))
    _say(work, [application.check_done(partners, "done")])
    return application


async def check_applications(work: Work, fields: ChecksCreate) -> tuple[int, int]:
    """Note of several that they are complete: how many were checked now, and how many had changed meanwhile.

    All of them or none: raises NotFound for one that the actor may not check.
    """
    checked = already = 0
    for application_id in sorted(set(fields.application_ids)):  # in one order, so that two officers do not deadlock
        try:
            await check_application(work, application_id, CheckCreate(note=fields.note), None)
            checked += 1
        except Conflict:
            already += 1
    return checked, already


async def acknowledge_call(work: Work, application_id: UUID, call_version: int) -> Application:
    """Note that its lead has read the call up to this version. Raises NotFound, Invalid."""
    application, partners = await _application(work, application_id, rules.DRAFT, None)
    call = await work.get(Call, application.call_id, lock=False)
    if call_version > (call.released_version or 1):
        raise Invalid.field("/call_version", N_("The call has no such version yet."))
    application.call_version = max(application.call_version, call_version)
    if application.call_version == call.released_version:
        _say(work, [application.changes_done(partners, "read")])
    return application


async def _application(
    work: Work, application_id: UUID, policy: Policy, version: int | None, *, partners_only: bool = False
) -> tuple[Application, Sequence[Partner]]:
    application = await work.get(Application, application_id)
    partners = await queries.partners_of(work, application.id)
    owners = {partner.organisation_id for partner in partners} if partners_only else {application.lead_id}
    if policy is rules.WRITE:
        owners |= {one.organisation_id for one in queries.taking_part(partners)}
    call = await work.get(Call, application.call_id, lock=False) if policy.officers else None
    policy.require(
        work.actor,
        owners=owners,
        parties=application.parties(partners),
        office=call.organisation_id if call else None,
        label=SecurityLabel(application.label),
        thing="application",
    )
    work.must_match(application, version)
    return application, partners


async def _name_partners(
    work: Work, application: Application, present: Sequence[Partner], wanted: Sequence[UUID]
) -> list[Partner]:
    """The partner rows for these organisations: those there are, and new ones. Raises Invalid."""
    ids = list(dict.fromkeys(wanted))
    if application.lead_id in ids:
        raise Invalid.field("/partner_ids", N_("The lead cannot be its own partner."))
    known = await standings(work, ids)
    if any(one not in known for one in ids):
        raise Invalid.field("/partner_ids", N_("Choose organisations that are registered on the platform."))
    by_id = {partner.organisation_id: partner for partner in present}
    found = []
    for position, organisation_id in enumerate(ids):
        partner = by_id.get(organisation_id)
        if partner is None:
            partner = Partner(
                application_id=application.id, organisation_id=organisation_id, name=known[organisation_id].name
            )
            work.add(partner)
        partner.position = position
        found.append(partner)
    return found


def _still_taking(call: Call, work: Work) -> None:
    phase = call_rules.phase(call_rules.State(call.state), call.opens_at, call.closes_at, work.now)
    if phase not in (call_rules.Phase.UPCOMING, call_rules.Phase.OPEN):
        raise call_rules.CallNotReady(N_("The call takes no applications any more. Look for another open call."))


def _say(work: Work, done: Sequence[TaskDone | None]) -> None:
    for one in done:
        if one:
            work.emit(one)


def _settle(work: Work, application: Application, partner: Partner, partners: Sequence[Partner], outcome: str) -> None:
    _say(work, [application.consent_done(partner, partners, outcome)])
