"""Writes about claims."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.project_management.budgets.model import WHOLE
from services.project_management.budgets.queries import keeper, lines_by_owner
from services.project_management.budgets.rules import OVERRUN, overrun
from services.project_management.claims import queries, rules
from services.project_management.claims.model import Claim
from services.project_management.claims.rules import State
from services.project_management.claims.schemas import ClaimCreate, ClaimUpdate, ItemFields
from services.project_management.delivery.model import Project
from services.project_management.delivery.rules import ProjectState
from shared.blobs.rows import attach
from shared.contracts.base import Event
from shared.db.work import Work
from shared.kernel.errors import Invalid
from shared.kernel.ids import new_id
from shared.kernel.marks import N_, S_
from shared.kernel.policy import Policy
from shared.kernel.trace import DecisionTrace
from shared.kernel.types import SecurityLabel


async def submit_claim(work: Work, project_id: UUID, fields: ClaimCreate) -> Claim:
    """Claim what was spent, for the actor's organisation in the project.

    Raises NotFound, ProjectNotRunning, Invalid, OverBudget with the line that is over-run, NoSuchDocument.
    """
    rules.CLAIM.admits(work.actor)
    project = await work.get(Project, project_id)  # locked: two claims must not both take what is left
    rules.CLAIM.require(work.actor, owners=project.owners, label=SecurityLabel(project.label), thing="project")
    rules.require_project("submit", ProjectState(project.state))
    items, total = _items(fields.items, project)
    claimant = _claimant(work, project)
    trace = await _judged(work, project, claimant, items)
    counted = await work.row(
        "SELECT count(*) AS n FROM expenditure_claims WHERE project_id = %(id)s", {"id": project_id}
    )
    claim = Claim(
        id=new_id(),
        project_id=project.id,
        project_title=project.title,
        number=(counted["n"] if counted else 0) + 1,
        organisation_id=UUID(claimant["id"]),
        organisation_name=claimant["name"],
        office_id=project.office_id,
        parties=sorted(str(one) for one in project.owners),
        label=project.label,
        items=items,
        total_amount=total,
        total_currency=project.amount_currency,
        note=fields.note,
        trace=trace.model_dump(mode="json"),
        submitted_by=work.actor.subject,
        submitted_at=work.now,
        created_at=work.now,
    )
    work.add(claim)
    await work.session.flush()
    await _receipts(work, claim, [*([fields.document_id] if fields.document_id else []), *fields.document_ids])
    _emit(work, claim.submitted(await keeper(work, claim.office_id)))
    return claim


async def resubmit_claim(work: Work, claim_id: UUID, fields: ClaimUpdate, version: int | None) -> Claim:
    """Hand in a returned claim again, with further receipts where they lack.

    Raises NotFound, Stale, ClaimNotReady, ProjectNotRunning, Invalid, OverBudget, NoSuchDocument.
    """
    project, claim = await _claim(work, claim_id, rules.CLAIM, version)
    rules.next_state("resubmit", State(claim.state))
    rules.require_project("resubmit", ProjectState(project.state))
    rules.require_unsettled(settled=await queries.settled(work, project.id))
    items, total = _items(fields.items, project)
    trace = await _judged(work, project, claim.by.model_dump(), items, claim.id)
    claim.note = fields.note
    await _receipts(work, claim, fields.document_ids)
    whose = await keeper(work, claim.office_id)
    _emit(work, claim.resubmit(items, total, trace.model_dump(mode="json"), work.now, whose))
    return claim


async def approve_claim(work: Work, claim_id: UUID, note: str, version: int | None) -> Claim:
    """Approve it, if the budget as it stands now still covers it. Raises NotFound, Stale, ClaimNotReady, OverBudget."""
    project, claim = await _claim(work, claim_id, rules.JUDGE, version)
    rules.next_state("approve", State(claim.state))
    trace = await _judged(work, project, claim.by.model_dump(), claim.items, claim.id)
    _emit(work, claim.approve(work.actor.subject, note, trace.model_dump(mode="json"), work.now))
    return claim


async def return_claim(work: Work, claim_id: UUID, reason: str, version: int | None) -> Claim:
    """Ask the claimant to correct it. Raises NotFound, Stale, ClaimNotReady."""
    _, claim = await _claim(work, claim_id, rules.JUDGE, version)
    _emit(work, claim.send_back(work.actor.subject, reason, work.now))
    return claim


async def withdraw_claim(work: Work, claim_id: UUID, reason: str, version: int | None) -> Claim:
    """Take it back; its amounts are free again. Raises NotFound, Stale, ClaimNotReady."""
    _, claim = await _claim(work, claim_id, rules.CLAIM, version)
    _emit(work, claim.withdraw(reason))
    return claim


async def _claim(work: Work, claim_id: UUID, policy: Policy, version: int | None) -> tuple[Project, Claim]:
    """A claim with its project, the project locked first. Raises NotFound, Stale."""
    policy.admits(work.actor)
    seen = await work.get(Claim, claim_id, lock=False)
    project = await work.get(Project, seen.project_id)
    claim = await work.get(Claim, claim_id)
    policy.require(
        work.actor,
        owners={claim.organisation_id},
        parties=claim.owners | project.owners,
        office=claim.office_id,
        label=SecurityLabel(claim.label),
        thing="claim",
    )
    work.must_match(claim, version)
    return project, claim


async def _receipts(work: Work, claim: Claim, ids: list[UUID]) -> None:
    """Further files of the claim; what was judged before stays with it."""
    for id in dict.fromkeys(ids):
        document = await attach(work, id, "claim", claim.id)
        claim.document_id = claim.document_id or document.id


def _claimant(work: Work, project: Project) -> dict[str, str]:
    """The actor's organisation in the project; the chosen one where there are several."""
    held = work.actor.organisations(*(rules.CLAIM.roles or ()))
    mine = [one for one in [project.lead.model_dump(), *project.partners] if UUID(one["id"]) in held]
    return next((one for one in mine if UUID(one["id"]) == work.actor.acting_for), mine[0])


def _items(given: list[ItemFields], project: Project) -> tuple[list[dict[str, Any]], Decimal]:
    """The items as they are kept, and their sum. Raises Invalid."""
    faults = []
    currency, first, last = project.amount_currency, project.starts_on.year, project.ends_on.year
    for n, one in enumerate(given):
        if not first <= one.year <= last:
            sentence = S_(
                "The project runs from %(first)s to %(last)s. Choose one of its years.", first=first, last=last
            )
            faults.append({"pointer": f"/items/{n}/year", "detail": sentence})
        if one.amount.currency != currency:
            sentence = S_("The award is in %(currency)s; give the amount in it.", currency=currency)
            faults.append({"pointer": f"/items/{n}/amount", "detail": sentence})
        elif one.amount.amount <= 0:
            faults.append({"pointer": f"/items/{n}/amount", "detail": N_("Each item is more than nothing.")})
    if faults:
        raise Invalid(N_("Correct the marked entries and send them again."), errors=faults)
    items = [
        {"category": one.category.value, "year": one.year, "amount": str(one.amount.amount), "what": one.what}
        for one in given
    ]
    return items, sum((one.amount.amount for one in given), Decimal(0))


async def _judged(
    work: Work, project: Project, claimant: dict[str, str], items: list[dict[str, Any]], without: UUID | None = None
) -> DecisionTrace:
    """The trace of a claim that the budget covers: its claimant's own lines, where they are told apart.

    Raises OverBudget.
    """
    lines = await lines_by_owner(work, project.id, without)
    apart = any(one["organisation_id"] != WHOLE for one in lines)
    own = [one for one in lines if not apart or one["organisation_id"] == UUID(claimant["id"])]
    award = sum((one["budget"] for one in own), Decimal(0)) if apart else project.amount_amount
    trace = overrun(
        {
            "version": OVERRUN[1],
            "organisation": claimant["name"] if apart else "",
            "award": str(award),
            "currency": project.amount_currency,
            "lines": [
                {
                    "category": one["category"],
                    "year": one["year"],
                    "budget": str(one["budget"]),
                    "used": str(one["claimed"]),
                }
                for one in own
                if one["budget"] or one["claimed"]
            ],
            "claim": [{name: one[name] for name in ("category", "year", "amount")} for one in items],
        }
    )
    rules.require_covered(trace)
    return trace


def _emit(work: Work, facts: Iterable[Event]) -> None:
    for fact in facts:
        work.emit(fact)
