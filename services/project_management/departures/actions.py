"""Writes about partners that leave after the submission."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from uuid import UUID

from services.project_management.applications.consents import keep_consent
from services.project_management.applications.facts import eligibility_inputs
from services.project_management.applications.model import Application, Partner
from services.project_management.applications.queries import partners_of
from services.project_management.applications.rules import Answer
from services.project_management.applications.rules import State as ApplicationState
from services.project_management.calls.model import Call
from services.project_management.decisions.model import Decision
from services.project_management.decisions.rules import SHOWN
from services.project_management.decisions.rules import State as DecisionState
from services.project_management.departures import rules
from services.project_management.departures.model import Departure
from services.project_management.departures.rules import NotEligibleSo, State
from services.project_management.departures.schemas import (
    LeavingCreate,
    SuccessorAnswerCreate,
    SuccessorCreate,
    TakeoverCreate,
)
from services.project_management.organisations.queries import standings
from services.project_management.outages.queries import running_on
from services.project_management.outages.rules import lengthened
from services.project_management.snapshots import canonical
from shared.contracts.base import Event
from shared.db.work import Work
from shared.kernel.errors import Invalid, NotFound
from shared.kernel.ids import new_id
from shared.kernel.marks import N_, S_
from shared.kernel.policy import Policy
from shared.kernel.trace import DecisionTrace
from shared.kernel.types import Role, SecurityLabel

AT_ONCE = 50
"""How many the clock looks at in one unit of work."""
Parts = tuple[Call, Application, Sequence[Partner], Departure]


async def leave_application(work: Work, application_id: UUID, fields: LeavingCreate, version: int | None) -> Departure:
    """A partner leaves after the submission, at once. What was handed in stays as it was; the lead is asked who does
    the part, and a list that would grant it money goes back. Raises NotFound, Stale, NobodyLeaves.
    """
    rules.LEAVE.admits(work.actor)
    seen = await work.get(Application, application_id, lock=False)
    call = await work.get(Call, seen.call_id)
    application = await work.get(Application, application_id)
    partners = await partners_of(work, application.id)
    inside = [one for one in partners if one.left_at is None]
    rules.LEAVE.require(
        work.actor,
        owners={one.organisation_id for one in inside},
        label=SecurityLabel(application.label),
        thing="application",
    )
    work.must_match(application, version)
    rules.leaving(ApplicationState(application.state))
    represented = work.actor.organisations(Role.REPRESENTATIVE)
    mine = [one for one in inside if one.organisation_id in represented and one.answer == Answer.CONSENTED.value]
    if not mine:
        raise rules.NobodyLeaves(N_("Your organisation has not consented to take part; it has nothing to leave."))
    partner = next((one for one in mine if one.organisation_id == work.actor.acting_for), mine[0])
    partner.left_at = work.now
    departure = Departure(
        id=new_id(),
        application_id=application.id,
        call_id=call.id,
        organisation_id=partner.organisation_id,
        name=partner.name,
        reason=fields.reason,
        left_by=work.actor.subject,
        first_due_at=rules.due(work.now),
        due_at=rules.due(work.now),
        submitted_amount=application.requested_amount,
        created_at=work.now,
    )
    work.add(departure)
    await _judged(work, application, departure)
    _emit(work, departure.said(application, partners))
    if done := application.consent_done(partner, partners, "left"):
        work.emit(done)
    await _reopen(work, call, application)
    return departure


async def ask_successor(work: Work, departure_id: UUID, fields: SuccessorCreate, version: int | None) -> Departure:
    """The lead names who is to take the part, instead of whoever it asked before.

    Raises NotFound, Stale, DepartureNotReady, Invalid, NotEligibleSo.
    """
    _, application, partners, departure = await _locked(work, departure_id, rules.ANSWER, version)
    rules.next_state("ask", State(departure.state))
    known = await standings(work, [fields.partner_id])
    present = {one.organisation_id: one for one in partners}
    successor = present.get(fields.partner_id)
    if fields.partner_id not in known:
        raise Invalid.field("/partner_id", N_("Choose organisations that are registered on the platform."))
    if fields.partner_id == application.lead_id or (successor and successor.left_at is None):
        raise Invalid.field("/partner_id", N_("It takes part already, or is asked to."))
    _not_asked_any_more(work, application, partners, departure)
    if successor is None:
        successor = Partner(
            application_id=application.id,
            organisation_id=fields.partner_id,
            position=max((one.position for one in partners), default=-1) + 1,
            name=known[fields.partner_id].name,
        )
        work.add(successor)
        partners = [*partners, successor]
    successor.departure_id, successor.left_at = departure.id, None
    request = application.ask(successor, partners, departure.due_at)
    _eligible(await _judged(work, application, departure))
    _emit(work, departure.ask(application, partners, successor, fields.how))
    work.emit(request)
    return departure


async def answer_for_successor(
    work: Work, departure_id: UUID, fields: SuccessorAnswerCreate, version: int | None
) -> Departure:
    """The organisation that is asked takes the part, or does not.

    Raises NotFound, Stale, DepartureNotReady, Invalid, NotEligibleSo.
    """
    call, application, partners, departure = await _locked(work, departure_id, rules.CONSENT, version)
    verb = "replace" if fields.decision == "consent" else "refuse"
    rules.next_state(verb, State(departure.state))
    if verb == "refuse" and not fields.reason:
        raise Invalid.field("/reason", N_("Say why, so that the lead can plan again."))
    partner = next(one for one in partners if one.organisation_id == departure.successor_id)
    fact = application.answer(
        partner,
        partners,
        decision=fields.decision,
        reason=fields.reason,
        subject=work.actor.subject,
        now=work.now,
    )
    if verb == "refuse":
        partner.left_at = work.now
        await _judged(work, application, departure)
        work.emit(fact)
        _emit(work, departure.refuse(application, partners))
    else:
        partner.departure_id = None  # a partner as any other from now on: asked anew, it answers with them
        await keep_consent(work, application, partners, partner)
        _eligible(await _judged(work, application, departure))
        work.emit(fact)
        _settle(work, verb, call, application, partners, departure)
    if done := application.consent_done(partner, partners, partner.answer):
        work.emit(done)
    return departure


async def take_over(work: Work, departure_id: UUID, fields: TakeoverCreate, version: int | None) -> Departure:
    """The lead does the part itself, for as much as before or less.

    Raises NotFound, Stale, DepartureNotReady, Invalid, NotEligibleSo.
    """
    call, application, partners, departure = await _locked(work, departure_id, rules.ANSWER, version)
    rules.next_state("take_over", State(departure.state))
    if fields.requested is not None:
        if fields.requested.currency != application.requested_currency:
            raise Invalid.field("/requested", N_("Ask for the same currency as before."))
        if fields.requested.amount > application.requested_amount:
            raise Invalid.field("/requested", N_("Ask for at most as much as before."))
        application.requested_amount = fields.requested.amount
    _not_asked_any_more(work, application, partners, departure)
    departure.how = fields.how
    _eligible(await _judged(work, application, departure))
    _settle(work, "take_over", call, application, partners, departure)
    return departure


async def follow_departures(work: Work) -> None:
    """By the clock: what an outage hit is lengthened, what nobody answered lapses with its application, and what waits
    in an application that is over ends."""
    if not await running_on(work):
        return
    found = await work.rows(
        """SELECT d.id, d.call_id FROM application_departures d JOIN applications a ON a.id = d.application_id
           WHERE d.state IN ('open', 'asked')
             AND (d.due_at <= %(now)s OR a.state NOT IN ('submitted', 'returned', 'reviewed'))
           ORDER BY d.due_at LIMIT %(most)s""",
        {"now": work.now, "most": AT_ONCE},
    )
    for row in found:
        async with work.apart(departure=row["id"]):
            await _follow(work, row["id"])


async def _follow(work: Work, departure_id: UUID) -> None:
    _, application, partners, departure = await _parts(work, departure_id)
    if not departure.waits:
        return
    if ApplicationState(application.state) not in rules.LEAVABLE:
        _not_asked_any_more(work, application, partners, departure)
        _emit(work, departure.settle("end", application, partners, now=work.now))
        return
    due_at = departure.first_due_at
    for one in await work.rows(
        "SELECT started_at, ended_at FROM outages WHERE ended_at > %(since)s ORDER BY started_at",
        {"since": departure.created_at},
    ):
        due_at = lengthened(departure.created_at, due_at, one["started_at"], one["ended_at"]) or due_at
    if due_at > departure.due_at:
        _emit(work, departure.lengthen(application, partners, due_at))
    if departure.due_at > work.now:
        return
    _not_asked_any_more(work, application, partners, departure)
    _emit(work, departure.settle("lapse", application, partners, now=work.now))
    reason = S_("%(name)s had left, and in time nobody took its part.", name=departure.name)
    work.emit(application.withdraw(partners, reason))
    for partner in partners:
        if done := application.consent_done(partner, partners, "withdrawn"):
            work.emit(done)
    for over in (application.check_done, application.completion_done, application.changes_done):
        if done := over(partners, "withdrawn"):
            work.emit(done)


async def _locked(work: Work, departure_id: UUID, policy: Policy, version: int | None) -> Parts:
    policy.admits(work.actor)
    call, application, partners, departure = await _parts(work, departure_id)
    owners = {application.lead_id} if policy is rules.ANSWER else {departure.successor_id or departure.id}
    policy.require(work.actor, owners=owners, label=SecurityLabel(application.label), thing="departure")
    work.must_match(departure, version)
    return call, application, partners, departure


async def _parts(work: Work, departure_id: UUID) -> Parts:
    """Locked in the order in which everybody locks them: call, application, departure."""
    seen = await work.session.get(Departure, departure_id)
    if seen is None:
        raise NotFound(S_("There is no %(thing)s here that you may see.", thing="departure"))
    call = await work.get(Call, seen.call_id)
    application = await work.get(Application, seen.application_id)
    departure = await work.get(Departure, departure_id)
    return call, application, await partners_of(work, application.id), departure


async def _judged(work: Work, application: Application, departure: Departure) -> DecisionTrace:
    """Eligibility as it now stands, kept with the departure."""
    await work.flush()
    trace = rules.anew(
        {
            "eligibility": await eligibility_inputs(work, application.id),
            "submitted": _plain(departure.submitted_amount),
            "requested": _plain(application.requested_amount),
        }
    )
    departure.trace = trace.model_dump(mode="json")
    return trace


def _plain(amount: Decimal) -> str:
    return f"{amount:.2f}"


def _eligible(trace: DecisionTrace) -> None:
    if trace.result["eligible"] == "no":
        wrong = [one for one in trace.clauses if one.outcome == "no"]
        raise NotEligibleSo(
            " ".join(f"{one.reason} {one.remedy}".strip() for one in wrong), eligibility=trace.model_dump(mode="json")
        )


def _settle(
    work: Work,
    verb: str,
    call: Call,
    application: Application,
    partners: Sequence[Partner],
    departure: Departure,
) -> None:
    """Record who takes part since, beside what was submitted, and say it."""
    record = canonical(
        {
            "application": str(application.id),
            "call": {"id": str(call.id), "sha256": call.sha256},
            "submitted": {"version": application.submitted_version, "sha256": application.sha256},
            "left": {**departure.left.model_dump(), "at": departure.created_at.isoformat(), "reason": departure.reason},
            "how": departure.how,
            "lead": application.lead.model_dump(),
            "partners": [one.ref.model_dump() for one in partners if one.left_at is None],
            "requested": {"amount": _plain(application.requested_amount), "currency": application.requested_currency},
        }
    )
    subject = work.actor.subject
    _emit(work, departure.settle(verb, application, partners, subject=subject, now=work.now, record=record))


def _not_asked_any_more(
    work: Work, application: Application, partners: Sequence[Partner], departure: Departure
) -> None:
    """Whoever was asked to take the part, and has not answered, is not asked any more."""
    for one in partners:
        if one.departure_id == departure.id and one.left_at is None and one.answer == Answer.PENDING.value:
            one.left_at = work.now
            if done := application.consent_done(one, partners, "taken back"):
                work.emit(done)


async def _reopen(work: Work, call: Call, application: Application) -> None:
    """A list that grants it something, and is not final yet, is made again."""
    row = await work.row("SELECT id FROM decisions WHERE call_id = %(call)s", {"call": call.id})
    if row is None:
        return
    decision = await work.get(Decision, row["id"])
    listed = {item["id"]: item["outcome"] for item in decision.trace["result"].get("items", [])}
    if listed.get(str(application.id)) not in SHOWN:
        return
    reason = S_("A partner has left “%(title)s”, and the list would grant it something.", title=application.title)
    if decision.state == DecisionState.IN_APPROVAL.value:
        _emit(work, decision.send_back("", reason))
    elif decision.state == DecisionState.IN_NOTICE.value:
        _emit(work, decision.reopen(reason))


def _emit(work: Work, facts: Iterable[Event]) -> None:
    for fact in facts:
        work.emit(fact)
