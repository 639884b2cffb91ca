"""Specimens of what follows an award: the project, its rights, its money, its changes."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from shared.kernel.ids import new_id
from shared.kernel.types import SecurityLabel
from tests.kit.specimens.forms import FORM
from tests.kit.specimens.ground import OWNER_NAME, THIRD_NAME, Ground, Maker, Thing
from tests.kit.specimens.papers import issued
from tests.kit.specimens.projects import SHA, TRACE, application

BOOK = """{"title": "T", "amount": "1000.00", "currency": "CNY", "starts_on": "2027-01-01", "ends_on": "2028-12-31",
           "lead": {"id": "", "name": ""}, "partners": [], "milestones": [], "budget": []}"""
"""A task book that changes can be made to."""


COMPARED = ("read versions", "read differences", "read paper")
"""What is asked of versions that were signed."""


async def project(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    of = await application(ground, label, "projects", before)
    assert of.label is not None
    call_id = await ground.ask("SELECT call_id FROM applications WHERE id = %s", of.id)
    drafted = use == "signatures"
    ours = use in (
        "completion",
        "evaluations",
        "acceptance",
        "return",
        "continuation",
    )  # done by the office, for another's project
    office, lead, lead_name = (
        (ground.owner, ground.third, THIRD_NAME) if ours else (ground.third, ground.owner, OWNER_NAME)
    )
    today = datetime.now(UTC).date()
    id = await ground.row(
        "projects",
        id=new_id(),
        version=1,
        call_id=call_id,
        application_id=of.id,
        office_id=office,
        lead_id=lead,
        lead_name=lead_name,
        partners=[],
        field="materials",
        stage="research",
        region="Chengdu",
        sector="civil",
        label=of.label,
        amount_amount=Decimal("1000.00"),
        amount_currency="CNY",
        starts_on=today,
        ends_on=today + timedelta(days=365),
        state="drafted" if drafted else "running",
        office_signed_by=None if drafted else "specimen-officer",
        office_signed_at=None if drafted else datetime.now(UTC),
        lead_signed_by=None if drafted else "specimen-lead",
        lead_signed_at=None if drafted else datetime.now(UTC),
        task_book=BOOK,
        sha256=SHA,
    )
    if use.startswith("read") and not drafted:
        await ground.row(
            "task_book_versions", project_id=id, number=1, content=BOOK, sha256=SHA, at=datetime.now(UTC), signatures=[]
        )
    if use == "read paper":
        await issued(ground, "task_book", id, call_id)
    return Thing(id, frozenset({lead}), of.label, office=office)


async def agreement(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """Led by the owner, its only party; the office has no part in it."""
    of = await application(ground, label, "projects", before)
    assert of.label is not None
    signing, ended = use in ("signatures", "refusal"), use in ("reopening", *COMPARED)
    state = "proposed" if signing else "agreed" if ended or use == "read" else "draft"
    party, one = {"organisation_id": str(ground.owner)}, "1/1"
    terms = {
        "parties": [party | {"ownership": one, "income": one}],
        "inventor_share": "1/2",
        "inventors": [party | {"name": "Zhao Min", "share": one}],
        "disposal": "joint",
        "exploitation": "all",
        "exploitation_terms": "",
        "publication_days": 30,
        "publication_terms": "",
    }
    number = 0 if state == "draft" else 1
    id = await ground.row(
        "agreements",
        id=new_id(),
        version=1,
        application_id=of.id,
        office_id=ground.third,
        lead_id=ground.owner,
        lead_name=OWNER_NAME,
        partners=[],
        label=of.label,
        inventor_floor="1/2",
        state=state,
        terms=terms,
        number=number,
        in_force=1 if state == "agreed" else None,
        sha256=SHA if number else "",
        tasks={},
    )
    if number:
        content = json.dumps({"title": "T", "call": "C", "inventor_floor": "1/2", "organisations": [], "terms": terms})
        await ground.row(
            "agreement_versions", agreement_id=id, number=1, content=content, sha256=SHA, trace=TRACE,
            agreed_at=datetime.now(UTC) if state == "agreed" else None,
        )  # fmt: skip
    if use == "read paper":
        await issued(ground, "agreement", id, await ground.ask("SELECT call_id FROM applications WHERE id = %s", of.id))
    return Thing(id, frozenset({ground.owner}), of.label, office=ground.third)


async def claim(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """Of the owner; to be judged, it is another's and the owner is the office."""
    judged = use in ("approval", "return")
    of = await project(ground, label, "return" if judged else "claims", before)
    (claimant,) = of.owners
    id = await ground.row(
        "expenditure_claims",
        id=new_id(),
        version=1,
        project_id=of.id,
        number=1,
        organisation_id=claimant,
        office_id=of.office,
        parties=[str(claimant)],
        label=of.label,
        items=[{"category": "staff", "year": 2027, "amount": "10.00", "what": "Pay"}],
        total_amount=Decimal("10.00"),
        total_currency="CNY",
        state="returned" if use in ("put", "edit", "read edit") else "submitted",
        trace=TRACE,
    )
    return Thing(id, of.owners, of.label, office=of.office)


async def change(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """Asked for by the owner; to be answered, it is another's and the owner is the office."""
    judged = use in ("approval", "refusal")
    of = await project(ground, label, "return" if judged else "changes", before)
    (lead,) = of.owners
    id = await ground.row(
        "project_changes",
        id=new_id(),
        version=1,
        project_id=of.id,
        number=1,
        office_id=of.office,
        lead_id=lead,
        parties=[str(lead)],
        label=of.label,
        kind="time",
        proposal={"milestones": [], "ends_on": "2029-12-31"},
        state="requested",
    )
    return Thing(id, of.owners, of.label, office=of.office)


async def entry(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """On the owner, by the third's office; what the office does, the owner does as the office, about the third."""
    label = SecurityLabel.INTERNAL if label is SecurityLabel.PUBLIC else label
    ours = use in ("notice", "enforcement", "withdrawal")
    state = {"notice": "proposed", "withdrawal": "proposed", "appeal": "in_force", "ruling": "appealed"}
    office, subject = (ground.owner, ground.third) if ours else (ground.third, ground.owner)
    now = datetime.now(UTC)
    id = await ground.row(
        "standing_entries",
        id=new_id(),
        version=1,
        subject_kind="organisation",
        organisation_id=subject,
        organisation_name=THIRD_NAME if ours else OWNER_NAME,
        leader=None,
        kind="misused_funds",
        tariff=1,
        office_id=office,
        label=label,
        evidence={},
        cause=None,
        state=state.get(use, "noticed"),
        noticed_at=None if use in ("notice", "withdrawal") else now - timedelta(days=20),
        answer_due_at=now - timedelta(days=1),
        answered_at=None,
        appeal_until=now + timedelta(days=9),
        starts_on=now.date(),
        ends_on=now.date() + timedelta(days=100),
        trace=TRACE,
    )
    return Thing(id, frozenset({subject}), label, office=office)


async def risk(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """Of a project of the owner."""
    of = await project(ground, label, "risks", before)
    (lead,) = of.owners
    id = await ground.row(
        "project_risks",
        id=new_id(),
        version=1,
        project_id=of.id,
        number=1,
        office_id=of.office,
        lead_id=lead,
        parties=[str(lead)],
        label=of.label,
        likelihood=4,
        impact=3,
        response="reduce",
        state="watched" if use == "reopening" else "open",
        past=[],
    )
    return Thing(id, of.owners, of.label, office=of.office)


async def report(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """Of the owner; to be judged, it is another's and the owner is the office."""
    judged = use in ("acceptance", "return", "waiver")
    of = await project(ground, label, "return" if judged else "reports", before)
    (lead,) = of.owners
    call_id = await ground.ask("SELECT call_id FROM projects WHERE id = %s", of.id)
    await ground.row(
        "report_plans",
        id=new_id(),
        version=1,
        call_id=call_id,
        office_id=of.office,
        label=of.label,
        rhythm="yearly",
        final=True,
        days=30,
        stops_payments=False,
        form=FORM,
        parts=[],
    )
    today = datetime.now(UTC).date()
    state = {"acceptance": "submitted", "return": "submitted", "beginning": "planned"}.get(use, "open")
    content = {"form": FORM, "parts": [], "organisations": [], "answers": {}}
    id = await ground.row(
        "progress_reports",
        id=new_id(),
        version=1,
        project_id=of.id,
        call_id=call_id,
        office_id=of.office,
        lead_id=lead,
        parties=[str(lead)],
        label=of.label,
        number=1,
        kind="interim",
        from_on=today,
        until_on=today,
        due_on=today,
        state=state,
        stops_payments=False,
        organisations=[{"id": str(lead), "name": OWNER_NAME}],
        form=FORM,
        parts=[],
        content=json.dumps(content) if state == "submitted" else "",
        sha256=SHA if state == "submitted" else "",
        submissions=0,
        days_late=0,
        grade=1,
        lapses=[],
        explanations=[],
        part_tasks={},
    )
    if use == "read paper":
        told = {"project": "", "kind": "interim", "number": 1, "from": "2027-01-01", "until": "2027-12-31"}
        paper = json.dumps(content | told | {"documents": []})
        await issued(ground, "report", id, call_id, paper)
    return Thing(id, of.owners, of.label, office=of.office)


async def report_section(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """Of the report that is being written."""
    of = before.get("report_id") or await report(ground, label, "read", before)
    return Thing("plan", of.owners, of.label, office=of.office)


async def subject(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """An organisation that nobody who asks acts for."""
    id = await ground.row("organisations", id=new_id(), version=1, kind="institute", sector="civil", state="admitted")
    return Thing(id)


async def milestone(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    of = await project(ground, label, use, before)
    judged = use in ("acceptance", "return")
    id = await ground.row(
        "milestones",
        id=new_id(),
        version=1,
        project_id=of.id,
        number=1,
        tranche_amount=Decimal("1000.00"),
        tranche_currency="CNY",
        state="evidence_submitted" if judged else "pending",
        document_id=new_id() if judged else None,
    )
    return Thing(id, of.owners, of.label, office=of.office)


MAKERS: dict[str, Maker] = {
    "project_id": project,
    "agreement_id": agreement,
    "milestone_id": milestone,
    "claim_id": claim,
    "change_id": change,
    "entry_id": entry,
    "risk_id": risk,
    "report_id": report,
    "sections/section": report_section,
    "subject_id": subject,
}
