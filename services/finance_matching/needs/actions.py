"""Writes about financing needs."""

from typing import Any
from uuid import UUID

from services.finance_matching.matching.actions import rematch, withdraw_matches
from services.finance_matching.needs import rules
from services.finance_matching.needs.model import Need
from services.finance_matching.needs.schemas import NeedCreate
from services.finance_matching.projects.queries import project_of
from shared.db.work import Work
from shared.kernel.errors import Conflict, Invalid
from shared.kernel.marks import N_
from shared.kernel.types import SecurityLabel


async def draft_need(work: Work, fields: NeedCreate) -> Need:
    """Write down a need of the organisation acted for. Raises Conflict, Invalid."""
    rules.WRITE.admits(work.actor)
    organisation = work.actor.organisation(*rules.APPLICANTS)
    if organisation is None:
        raise Conflict(N_("Choose the organisation you act for first."))
    stored = await _checked(work, fields, organisation)
    need = Need.model_validate(
        {
            **stored,
            "organisation_id": organisation,
            "organisation_name": work.actor.organisation_name(organisation),
            "drafted_by": work.actor.subject,
            "created_at": work.now,
        }
    )
    work.add(need)
    work.emit(need.drafted())
    await work.flush()
    return need


async def change_need(work: Work, need_id: UUID, fields: NeedCreate, version: int | None) -> Need:
    """Ask for something else; an open need is matched again at once. Raises NotFound, Stale, Invalid, NeedNotReady."""
    need = await _mine(work, need_id, version)
    changed = need.change(await _checked(work, fields, need.organisation_id))
    if changed is None:
        return need
    work.emit(changed)
    await work.flush()
    if need.state == rules.State.OPEN:
        await rematch(work, need_id=need.id)
    return need


async def open_need(work: Work, need_id: UUID, version: int | None) -> Need:
    """Put it forward: every product on offer is judged in the same unit of work.

    Raises NotFound, Stale, NeedNotReady.
    """
    need = await _mine(work, need_id, version)
    work.emit(need.open())
    await work.flush()
    await rematch(work, need_id=need.id)
    return need


async def withdraw_need(work: Work, need_id: UUID, reason: str, version: int | None) -> Need:
    """Put it forward no longer; its matches fall away. Raises NotFound, Stale, NeedNotReady."""
    need = await _mine(work, need_id, version)
    work.emit(need.withdraw(reason))
    await work.flush()
    await withdraw_matches(work, reason, need_id=need.id)
    return need


async def _mine(work: Work, need_id: UUID, version: int | None) -> Need:
    rules.WRITE.admits(work.actor)
    need = await work.get(Need, need_id)
    rules.WRITE.require(work.actor, owners={need.organisation_id}, label=SecurityLabel(need.label), thing="need")
    work.must_match(need, version)
    return need


async def _checked(work: Work, fields: NeedCreate, organisation: UUID) -> dict[str, Any]:
    """The columns of a need. Raises Invalid for a project that is unknown or another's, and for a label that is too
    low or that the writer could not read afterwards."""
    rules.WRITE.require(work.actor, owners={organisation})
    project = None
    if fields.project_id:
        project = await project_of(work, fields.project_id, {organisation})
        if project is None:
            raise Invalid.field("/project_id", N_("Name a started project in which your organisation takes part."))
    if not fields.label.readable_with(work.actor.clearance):
        raise Invalid.field("/label", N_("Your clearance does not reach this label. Choose a lower one."))
    if fault := rules.label_fault(fields.label, project["label"] if project else None):
        raise Invalid.field("/label", fault)
    return {
        **fields.model_dump(exclude={"amount", "stage", "security_offered", "label"}),
        "project_title": project["title"] if project else "",
        "stage": fields.stage.value,
        "amount": fields.amount.amount,
        "currency": fields.amount.currency,
        "security_offered": list(dict.fromkeys(security.value for security in fields.security_offered)),
        "label": fields.label.value,
    }
