"""Specimens of project management: a call of the office, an application, a review, an award, a project."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.project_management.calls.rules import COORDINATOR_ALONE
from shared.kernel.ids import new_id
from shared.kernel.types import SecurityLabel
from tests.kit.specimens.forms import FORM, budget_part, calendar, saved_search, section
from tests.kit.specimens.ground import OWNER_NAME, THIRD_NAME, Ground, Maker, Thing
from tests.kit.specimens.panels import panel_over
from tests.kit.specimens.papers import REVIEW, issued, receipt_number
from tests.kit.specimens.people import earlier_project, expert, partner, relation
from tests.kit.specimens.requirements import requirement
from tests.kit.specimens.states import CALL_STATES, HANDED_IN

SHA = "0" * 64
SUBMITTED = (
    '{"title":"T","abstract":"","field":"","requested":{"amount":"1.00","currency":"CNY"},"partners":[],"documents":[],'
    '"lead":{"id":"x","name":"Lead"},"call":{"id":"x","version":1,"sha256":"x"}}'
)
_MONEY, _AT = {"amount": "1.00", "currency": "CNY"}, "2026-01-01T00:00:00+00:00"
RELEASED = {
    "form": FORM, "title": "T", "summary": "", "field": "materials", "stage": "research", "budget": _MONEY,
    "ceiling": _MONEY, "opens_at": _AT, "closes_at": _AT, "kinds": [], "regions": [], "reviewers_per_application": 1,
    "criteria": [{"name": "Novelty", "weight": "100"}], "inventor_floor": "1/2", "label": "public",
}  # fmt: skip
TRACE = {"rule": "specimen", "version": 1, "inputs": {}, "clauses": [], "result": {}}
ASSIGNED = TRACE | {"inputs": {"experts": [], "applications": []}, "result": {"conflicts": [], "assignments": []}}


async def settle(ground: Ground) -> None:
    for id, name in ground.organisations:
        await ground.row("organisations", id=id, version=1, name=name, kind="institute", sector="civil",
                         region="Chengdu", state="admitted")  # fmt: skip


def _inside(label: SecurityLabel) -> SecurityLabel:
    """What comes of a call is never public."""
    return SecurityLabel.INTERNAL if label is SecurityLabel.PUBLIC else label


async def _call(
    ground: Ground, label: SecurityLabel, state: str, office: UUID, office_name: str, *, budgeted: bool = False
) -> UUID:
    now = datetime.now(UTC)
    over = state in ("closed", "deciding", "decided")
    shown = state in ("released", "closed", "deciding", "decided")
    id: UUID = await ground.row(
        "calls",
        id=new_id(),
        version=1,
        field="materials",
        stage="research",
        budget_amount=Decimal("100000.00"),
        budget_currency="CNY",
        ceiling_amount=Decimal("50000.00"),
        ceiling_currency="CNY",
        opens_at=now - timedelta(days=20),
        closes_at=now - timedelta(days=1) if over else now + timedelta(days=20),
        kinds=[],
        regions=[],
        reviewers_per_application=1,
        criteria=[{"name": "Novelty", "weight": "100"}],
        inventor_floor="1/2",
        label=label,
        state=state,
        organisation_id=office,
        organisation_name=office_name,
        drafted_by="specimen-drafter",
        released_version=1 if shown else None,
        released_at=now - timedelta(days=20) if shown else None,
        sha256=SHA if shown else None,
        form=FORM,
        budget_terms={"required": True, "years": 3, "categories": ["staff"], "caps": [], "own_percent": "0"}
        if budgeted
        else {},
    )
    if shown:
        await ground.row("call_versions", call_id=id, number=1, content=json.dumps(RELEASED), sha256=SHA)
    return id


async def call(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    state = CALL_STATES.get(use, "released")
    id = await _call(ground, label, state, ground.owner, OWNER_NAME)
    if use in ("read amendment", "judgement", "withdrawal"):
        await ground.row("call_amendments", id=new_id(), version=1, call_id=id, proposal={"summary": "New"},
                         state="requested", requested_by="specimen-drafter", chain=[COORDINATOR_ALONE])  # fmt: skip
    if use in ("moves", "removals"):
        await ground.row("report_plans", id=new_id(), version=1, call_id=id, office_id=ground.owner, label=label,
                         rhythm="none", final=True, days=30, stops_payments=False, form=FORM, parts=[])  # fmt: skip
    if use in ("read assignment", "adjustments", "undo"):
        await ground.row(
            "assignments",
            id=new_id(),
            version=1,
            call_id=id,
            trace=ASSIGNED,
        )
    if use in ("read decision", "read notice", "approval", "return", "objections"):
        now = datetime.now(UTC)
        await ground.row("decisions", id=new_id(), version=1, call_id=id, trace=TRACE | {"result": {"items": []}},
                         state="final", notice_from=now, notice_until=now)  # fmt: skip
    # Applying to a public call, what is made of the applications, and what is done before its release, is inside.
    apart = ("bidding", "due-time", "closure", "panel", "read panel")
    if use in apart[1:3] or use == "read bidding":
        await ground.row("biddings", id=new_id(), version=1, call_id=id, state="open",
                         due_at=datetime.now(UTC) + timedelta(days=3))  # fmt: skip
    decided_of = ("assignment", "decision", "adjustments", "undo", "conflicts", "demands", "approval", "return",
                  "trials", *apart)  # fmt: skip
    of_applications = use.removeprefix("read ") in ("applications", "ranking", *decided_of) or use == "read objections"
    inside = state in ("draft", "in_signoff", "signed_off") or of_applications
    # In an assignment or a decision those who apply take part, and nobody does.
    parties = frozenset[UUID]() if use in decided_of else frozenset({ground.owner})
    return Thing(id, parties, _inside(label) if inside else label, office=ground.owner)


async def application(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """Led by the owner; to be consented to, it is led by another and the owner is the partner asked; to be checked, it
    is another's and the owner is the office."""
    label = _inside(label)
    handed_in = use in HANDED_IN or (use.startswith("read") and use != "read edit")
    draft = not handed_in
    asked = use in ("consent", "departures", "read consent-changes")
    ours = use in ("check", "checks", "return", "standing", "read return", "duplicates", "verdict")
    state = "draft" if draft else HANDED_IN.get(use, "submitted")
    before_it = await application(ground, label, "resubmission", before) if use == "read earlier" else None
    office, office_name = (ground.owner, OWNER_NAME) if ours else (ground.third, THIRD_NAME)
    lead, lead_name = (ground.third, THIRD_NAME) if asked or ours else (ground.owner, OWNER_NAME)
    phase = "released" if draft else "closed"
    call_id = await _call(ground, SecurityLabel.PUBLIC, phase, office, office_name, budgeted="budget" in use)
    id = await ground.row(
        "applications",
        id=new_id(),
        version=1,
        call_id=call_id,
        requested_amount=Decimal("1000.00"),
        requested_currency="CNY",
        lead_id=lead,
        lead_name=lead_name,
        label=label,
        state=state,
        return_due_at=datetime.now(UTC) + timedelta(days=2) if state == "returned" else None,
        earlier_id=before_it.id if before_it else None,
        submitted_at=None if draft else datetime.now(UTC) - timedelta(days=2),
        submitted_version=None if draft else 1,
        sha256=None if draft else SHA,
    )
    if asked:
        await ground.row(
            "application_partners", application_id=id, organisation_id=ground.owner, name=OWNER_NAME,
            answer="pending" if draft else "consented",
        )  # fmt: skip
    if not draft:
        await ground.row("application_versions", application_id=id, number=1, content=SUBMITTED, sha256=SHA)
        await ground.row("receipts", number=receipt_number(), application_id=id, application_version=1, call_id=call_id,
                         sha256=SHA, submitted_at=datetime.now(UTC))  # fmt: skip
        if use != "read reviews":  # which are ranked from what is there, before anything is decided
            await _award(ground, call_id, id)
    if use in ("verdict", "explanation", "read duplicates"):
        await _duplicate_check(ground, id, label, lead, office, "explaining" if use == "explanation" else "open")
    return Thing(id, frozenset({lead if ours else ground.owner}), label, office=office)


async def _duplicate_check(
    ground: Ground, application_id: Any, label: SecurityLabel, lead: UUID, office: UUID, state: str
) -> None:
    asked = state == "explaining"
    await ground.row(
        "duplicate_checks",
        id=new_id(),
        version=1,
        application_id=application_id,
        number=1,
        office_id=office,
        lead_id=lead,
        parties=[str(lead)],
        label=label,
        application_label=label,
        state=state,
        found=[],
        trace=TRACE,
        verdict="overlap" if asked else None,
        judged_by="specimen-officer" if asked else None,
        question="What is new?" if asked else "",
        explanation="",
    )


async def _award(ground: Ground, call_id: Any, application_id: Any) -> Any:
    decision = await ground.row("decisions", id=new_id(), version=1, call_id=call_id, trace=TRACE)
    return await ground.row(
        "awards",
        id=new_id(),
        version=1,
        decision_id=decision,
        call_id=call_id,
        application_id=application_id,
        outcome="funded",
        amount_amount=Decimal("1000.00"),
        amount_currency="CNY",
    )


LETTER = """{"outcome": "funded", "amount": "1.00", "currency": "CNY", "office": "", "call": "", "application": "",
             "lead": "", "mean": null, "criteria": [], "comments": [], "reason": "", "appeal_until": null,
             "issued_at": "2027-01-01T00:00:00+00:00"}"""


async def panel(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    return await panel_over(ground, _inside(label), use, (await call(ground, label, "panel", before)).id)


async def departure(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """From an application that the owner leads; to be consented to, the owner is asked to take the part."""
    asked = use == "consent"
    of = await application(ground, label, "departures" if asked else "read", before)
    call_id = await ground.ask("SELECT call_id FROM applications WHERE id = %s", of.id)
    id = await ground.row(
        "application_departures", id=new_id(), version=1, application_id=of.id, call_id=call_id,
        organisation_id=new_id(), name="Gone", state="asked" if asked else "open",
        successor_id=ground.owner if asked else None, submitted_amount=Decimal("1000.00"),
    )  # fmt: skip
    if asked:
        await ground.connection.execute(
            "UPDATE application_partners SET answer = 'pending', departure_id = %s WHERE application_id = %s",
            (id, of.id),
        )
    return Thing(id, frozenset({ground.owner}), of.label)


async def award(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    of = await application(ground, label, "read", before)
    id = await ground.ask("SELECT id FROM awards WHERE application_id = %s", of.id)
    if use in ("read letter", "read reviews"):
        call_id = await ground.ask("SELECT call_id FROM awards WHERE id = %s", id)
        await ground.row("letters", number=receipt_number(), award_id=id, call_id=call_id, content=LETTER, sha256=SHA,
                         issued_at=datetime.now(UTC))  # fmt: skip
    return Thing(id, of.owners, of.label)


async def funded(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """An award of a public call, final after its public notice: everybody knows of it."""
    of = await award(ground, SecurityLabel.INTERNAL, use, before)
    now = datetime.now(UTC)
    await ground.connection.execute(
        """UPDATE decisions SET state = 'final', notice_from = %s, notice_until = %s, final_at = %s
           WHERE id = (SELECT decision_id FROM awards WHERE id = %s)""",
        (now - timedelta(days=9), now - timedelta(days=2), now - timedelta(days=1), of.id),
    )
    return Thing(of.id, of.owners, SecurityLabel.PUBLIC)


async def review(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """Given to somebody who never asks; confidential, whatever the application is."""
    of, done = await application(ground, SecurityLabel.INTERNAL, "reviews", before), use == "read paper"
    call_id = await ground.ask("SELECT call_id FROM applications WHERE id = %s", of.id)
    id = await ground.row(
        "reviews",
        id=new_id(),
        version=1,
        call_id=call_id,
        application_id=of.id,
        expert_id=new_id(),
        expert_subject="specimen-expert",
        **(
            {"state": "completed", "total": Decimal(8), "completed_at": datetime.now(UTC)}
            if done
            else {"state": "invited"}
        ),
        scores={},
    )
    if done:
        await issued(ground, "review", id, call_id, REVIEW)
    return Thing(id, of.owners, of.label, "specimen-expert")


async def bidding(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """Of somebody who never asks, who is asked for bids on a closed call."""
    of = await call(ground, SecurityLabel.INTERNAL, "assignment", before)
    due = datetime.now(UTC) + timedelta(days=3)
    opened = await ground.row("biddings", id=new_id(), version=1, call_id=of.id, state="open", due_at=due)
    who = {"expert_id": (await expert(ground, label, use, before)).id, "expert_subject": "specimen-expert"}
    id = await ground.row("bidders", id=new_id(), version=1, bidding_id=opened, call_id=of.id, **who)
    return Thing(id, of.owners, of.label, "specimen-expert")


async def objection(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """Of somebody who never asks, to the decision of a call to which the owner has applied."""
    of = await application(ground, SecurityLabel.INTERNAL, "read", before)
    call_id = await ground.ask("SELECT call_id FROM applications WHERE id = %s", of.id)
    id = await ground.row(
        "objections",
        id=new_id(),
        version=1,
        decision_id=await ground.ask("SELECT id FROM decisions WHERE call_id = %s", call_id),
        call_id=call_id,
        label=label,
        subject="specimen-objector",
        state="lodged",
    )
    return Thing(id, of.owners, label, "specimen-objector")


async def appeal(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """Of the owner; nobody decides one that the own organisation has part in."""
    of = await award(ground, label, "read", before)
    id = await ground.row(
        "appeals",
        id=new_id(),
        version=1,
        award_id=of.id,
        application_id=await ground.ask("SELECT application_id FROM awards WHERE id = %s", of.id),
        call_id=await ground.ask("SELECT call_id FROM awards WHERE id = %s", of.id),
        lead_id=ground.owner,
        owners=[str(ground.owner)],
        label=of.label,
        state="lodged",
    )
    return Thing(id, of.owners, of.label)


async def receipt(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """Known to everybody, whatever it is for."""
    of = await application(ground, label, "read", before)
    return Thing(await ground.ask("SELECT number FROM receipts WHERE application_id = %s", of.id))


MAKERS: dict[str, Maker] = {
    "search_id": saved_search,
    "relation_id": relation,
    "answers/section": section,
    "budget/organisation_id": budget_part,
    "requirement_id": requirement,
    "call_id": call,
    "application_id": application,
    "award_id": award,
    "departure_id": departure,
    "funded_id": funded,
    "panel_id": panel,
    "calendar_secret": calendar,
    "review_id": review,
    "bidding_id": bidding,
    "receipt_number": receipt,
    "objection_id": objection,
    "appeal_id": appeal,
    "earlier-projects/project_id": earlier_project,
    "expert_id": expert,
    "partner_id": partner,
}
