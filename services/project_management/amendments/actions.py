"""Writes about the versions of a released call: who is told of a new one, and how its office makes one."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.project_management.amendments import queries, rules
from services.project_management.amendments.model import Amendment, columns, stored
from services.project_management.amendments.schemas import AmendmentCreate, JudgementCreate
from services.project_management.applications.model import Application
from services.project_management.applications.queries import partners_of
from services.project_management.applications.rules import State as ApplicationState
from services.project_management.calls import rules as calls
from services.project_management.calls.actions import amend_call, columns_of, sound
from services.project_management.calls.model import Call
from services.project_management.calls.queries import list_made, who_can_sign
from services.project_management.forms.model import FormDraft
from shared.db.work import Work
from shared.kernel.marks import N_
from shared.kernel.policy import Policy
from shared.kernel.types import SecurityLabel

WEEK = timedelta(days=7)
TEXTS_AND_TERMS = (
    "title",
    "title_zh",
    "summary",
    "closes_at",
    "budget",
    "ceiling",
    "criteria",
    "terms",
    "indicators",
    "offices",
    *rules.CONDITIONS,
)
AT_ONCE = 200
"""How many leads are told in one unit of work; the next second brings the others."""


async def tell_of_changes(work: Work) -> None:
    """Whoever began an application for an earlier version of its call is told, once, that there is a newer one."""
    behind = await work.rows(
        f"""SELECT a.id, greatest(c.closes_at, %(week)s) AS late, c.closes_at, c.state <> 'released' AS closed
           FROM applications a JOIN calls c ON c.id = a.call_id
           WHERE a.call_version < c.released_version AND a.changes_task_id IS NULL
             AND ((c.state = 'released' AND c.closes_at > %(now)s AND a.state IN ('draft', 'submitted'))
                  OR {queries.NEWS_AFTER_CLOSING})
           ORDER BY a.id LIMIT %(most)s""",  # noqa: S608 -- constants only
        {"now": work.now, "week": work.now + WEEK, "most": AT_ONCE},
    )
    for row in behind:
        async with work.apart(application=row["id"]):
            application = await work.session.get(
                Application, row["id"], with_for_update={"skip_locked": True}, populate_existing=True
            )
            if application is not None and application.changes_task_id is None:
                work.emit(
                    application.tell_changes(
                        await partners_of(work, application.id), row["late"] if row["closed"] else row["closes_at"]
                    )
                )


async def follow_closings(work: Work) -> None:
    """A request for consent is due when its call closes: it is asked anew where that has moved."""
    moved = await work.rows(
        """SELECT DISTINCT a.id, c.closes_at FROM applications a JOIN calls c ON c.id = a.call_id
               JOIN application_partners p ON p.application_id = a.id
           WHERE a.state = 'draft' AND c.state = 'released' AND p.task_id IS NOT NULL AND p.due_at <> c.closes_at
           ORDER BY a.id LIMIT %(most)s""",
        {"most": AT_ONCE},
    )
    for row in moved:
        async with work.apart(application=row["id"]):
            application = await work.session.get(
                Application, row["id"], with_for_update={"skip_locked": True}, populate_existing=True
            )
            if application is None or application.state != ApplicationState.DRAFT.value:
                continue
            partners = await partners_of(work, application.id)
            for partner in partners:
                if partner.task_id is not None and partner.due_at != row["closes_at"]:
                    if done := application.consent_done(partner, partners, "new date"):
                        work.emit(done)
                    work.emit(application.ask(partner, partners, row["closes_at"]))


# -- amendments by the office -----------------------------------------------------------------------------------------


async def request_amendment(work: Work, call_id: UUID, fields: AmendmentCreate, version: int | None) -> Amendment:
    """Ask the offices that sign the call's release to sign an amendment of it. Nothing of the call changes before.

    Raises NotFound, Stale, Invalid with the reason for each thing that may not change, CallNotReady also where nobody
    is left to sign for an office, OneWaits.
    """
    call = await _call(work, call_id, rules.AMEND)
    work.must_match(call, version)
    if await work.row("SELECT 1 FROM call_amendments WHERE call_id = %(id)s AND state = 'requested'", {"id": call.id}):
        raise rules.OneWaits(N_("Wait until it is signed off or declined, or withdraw it."))
    given = {name: getattr(fields, name) for name in TEXTS_AND_TERMS}
    values = columns_of({name: value for name, value in given.items() if value is not None}, call.terms)
    if fields.form:
        draft = await work.session.get(FormDraft, call.id)
        values["form"] = draft.form if draft else call.form
    if fields.approvals is not None:
        approvals = [one.model_dump(mode="json") for one in fields.approvals]
        values["award_terms"] = {**call.award_terms, "approvals": approvals}
    values = {name: value for name, value in values.items() if getattr(call, name) != value}
    await _allowed(work, call, values, work.actor.subject)
    calls.all_can_sign(call.offices, await who_can_sign(work, call.offices, call.label, work.actor.subject))
    amendment = Amendment(
        call_id=call.id,
        reason=fields.reason,
        proposal=stored(values),
        chain=call.chain,
        requested_by=work.actor.subject,
        created_at=work.now,
    )
    work.add(amendment)
    work.emit(amendment.signature_due(call))
    return amendment


async def judge_amendment(work: Work, call_id: UUID, fields: JudgementCreate, version: int | None) -> Amendment:
    """Sign for the office whose turn it is, which with the last signature makes it a version of the call at once; or
    decline it, for any office of its chain.

    Raises NotFound, Stale, Invalid, AmendmentNotReady, OwnSignoff, NotYourSignature, CallNotReady.
    """
    rules.JUDGE.admits(work.actor)
    call = await work.get(Call, call_id)
    latest = await _latest(work, call)
    chain = latest.chain if latest else call.chain
    _require(work, call, rules.JUDGE, rules.knowing(call.organisation_id, chain, work.actor))
    amendment = _waiting(work, latest, version)
    rules.answering(
        fields.decision, amendment.chain, amendment.signatures, work.actor, requested_by=amendment.requested_by
    )
    verb = rules.verb_of(fields.decision, amendment.chain, amendment.signatures)
    values = columns(amendment.proposal)
    if fields.decision == "approve":
        await _allowed(work, call, values, amendment.requested_by)
    said = amendment.go(verb, call, answer=fields.answer, subject=work.actor.subject, now=work.now)
    if verb == "approve":
        amend_call(work, call, values, amendment.reason)
        if "title" in values:
            await work.execute(
                "UPDATE applications SET call_title = %(title)s WHERE call_id = %(id)s",
                {"title": call.title, "id": call.id},
            )
        if "form" in values and (draft := await work.session.get(FormDraft, call.id)):
            await work.session.delete(draft)
    for fact in said:
        work.emit(fact)
    return amendment


async def withdraw_amendment(work: Work, call_id: UUID, reason: str, version: int | None) -> Amendment:
    """Take it back before it is signed. Raises NotFound, Stale, AmendmentNotReady."""
    call = await _call(work, call_id, rules.AMEND)
    amendment = _waiting(work, await _latest(work, call), version)
    for fact in amendment.go("withdraw", call, answer=reason, subject=work.actor.subject, now=work.now):
        work.emit(fact)
    return amendment


async def _call(work: Work, call_id: UUID, policy: Policy) -> Call:
    call = await work.get(Call, call_id)
    _require(work, call, policy, {call.organisation_id})
    return call


def _require(work: Work, call: Call, policy: Policy, owners: set[UUID]) -> None:
    label = SecurityLabel(call.label)
    shown = label if call.released_at else calls.draft_label(label)
    policy.require(work.actor, owners=owners, label=shown, thing="call")


async def _latest(work: Work, call: Call) -> Amendment | None:
    found = await work.session.execute(
        select(Amendment)
        .where(Amendment.call_id == call.id)  # type: ignore[arg-type]
        .order_by(Amendment.id.desc())  # type: ignore[attr-defined]
        .limit(1)
    )
    return found.scalars().first()


def _waiting(work: Work, amendment: Amendment | None, version: int | None) -> Amendment:
    if amendment is None or amendment.state != rules.State.REQUESTED.value:
        raise rules.AmendmentNotReady(N_("No amendment of this call waits for an answer."))
    work.must_match(amendment, version)
    return amendment


async def _allowed(work: Work, call: Call, values: dict[str, Any], writer: str) -> None:
    made = await list_made(work, call.id)
    rules.amendable(calls.State(call.state), call.closes_at, work.now, values.keys(), list_made=made)
    # Offices for which nobody could sign would leave the call without a way on, and without one to mend it.
    named = [values["offices"]] if "offices" in values else []
    named += [values["award_terms"]["approvals"]] if "award_terms" in values else []
    for chain in named:
        calls.all_can_sign(chain, await who_can_sign(work, chain, call.label, writer))
    found = rules.faults(
        values.keys(),
        closes=(call.closes_at, values.get("closes_at", call.closes_at)),
        ceilings=(call.ceiling_amount, values.get("ceiling_amount", call.ceiling_amount)),
        terms=(call.terms, values.get("terms", call.terms)),
        conditions=tuple(
            {name: values.get(name, getattr(call, name)) if new else getattr(call, name) for name in rules.CONDITIONS}
            for new in (False, True)
        ),
        begun=await queries.begun(work, call.id),
    )
    if "closes_at" in values:
        found += calls.not_over_yet(values["closes_at"], work.now)
    sound({**call.model_dump(), **values}, found)
