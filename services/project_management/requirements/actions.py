"""Writes about requirements: writing them, putting them forward, and what the programme office answers."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.project_management.organisations.queries import standings
from services.project_management.requirements import queries, rules
from services.project_management.requirements.model import Opinion, Requirement, RequirementVersion
from services.project_management.requirements.schemas import (
    CompilationCreate,
    MergerCreate,
    RequirementChange,
    RequirementCreate,
    WithdrawalCreate,
)
from services.project_management.snapshots import canonical
from shared.contracts.base import Event
from shared.db.work import Work
from shared.kernel.errors import Invalid, NotFound
from shared.kernel.marks import N_
from shared.kernel.types import Role, SecurityLabel


async def draft_requirement(work: Work, fields: RequirementCreate) -> Requirement:
    """Begin a requirement of the organisation that the actor acts for. Raises NotAdmitted, Invalid."""
    organisation_id = work.actor.organisation(*rules.AUTHORS)
    rules.DRAFT.require(work.actor, owners={organisation_id} if organisation_id else set())
    assert organisation_id is not None
    _readable(work, fields.label)
    name = await _admitted_name(work, organisation_id)
    return await _begun(work, organisation_id, name, fields.model_dump(mode="json"))


async def edit_requirement(
    work: Work, requirement_id: UUID, fields: RequirementChange | RequirementCreate, version: int | None
) -> Requirement:
    """Change what is being written. What is None stays. Raises NotFound, Stale, Invalid, RequirementNotReady."""
    requirement = await _own(work, requirement_id, version)
    if fields.label is not None:
        _readable(work, fields.label)
    given = fields.model_dump(mode="json")
    requirement.edit({name: value for name, value in given.items() if value is not None})
    return requirement


async def put_forward(work: Work, requirement_id: UUID, version: int | None) -> Requirement:
    """Hand the requirement to the programme office; its content is fixed with its SHA-256.

    Raises NotFound, Stale, NotAdmitted, RequirementNotReady, RequirementIncomplete.
    """
    requirement = await _own(work, requirement_id, version)
    requirement.organisation_name = await _admitted_name(work, requirement.organisation_id)
    await _fix(work, requirement)
    return requirement


async def withdraw_requirement(
    work: Work, requirement_id: UUID, fields: WithdrawalCreate, version: int | None
) -> Requirement:
    """Take it back before the office has answered; what was not put forward is thrown away without a trace for others.

    Raises NotFound, Stale, Invalid without a reason, RequirementNotReady, OthersMerged.
    """
    requirement = await _own(work, requirement_id, version)
    if rules.State(requirement.state) in rules.WRITING:
        _emit(work, requirement.discard())
        return requirement
    rules.next_state("withdraw", rules.State(requirement.state))
    if len(await queries.organisations_of(work, requirement_id)) > 1:
        raise rules.OthersMerged(
            N_("Other organisations ask for the same, and theirs is followed up here. Write to the programme office.")
        )
    if not fields.reason:
        raise Invalid.field("/reason", N_("Say why, for the office and the experts have spent time on it."))
    _emit(work, requirement.withdraw(fields.reason))
    await lapse_opinions(work, requirement)
    return requirement


async def return_requirement(work: Work, requirement_id: UUID, reason: str, version: int | None) -> Requirement:
    """Ask its organisation to complete it. Raises NotFound, Stale, OwnRequirement, RequirementNotReady."""
    requirement = await to_judge(work, requirement_id, version)
    _emit(work, requirement.send_back(work.now, reason))
    return requirement


async def decline_requirement(work: Work, requirement_id: UUID, reason: str, version: int | None) -> Requirement:
    """Say no, with the reason that its organisation reads.

    Raises NotFound, Stale, OwnRequirement, RequirementNotReady.
    """
    requirement = await to_judge(work, requirement_id, version)
    _emit(work, requirement.decline(reason))
    await lapse_opinions(work, requirement)
    return requirement


async def merge_requirements(
    work: Work, requirement_id: UUID, fields: MergerCreate, version: int | None
) -> Requirement:
    """Follow up others in this one. Raises NotFound, Stale, OwnRequirement, RequirementNotReady, Invalid."""
    target = await to_judge(work, requirement_id, version)
    rules.next_state("widen", rules.State(target.state))
    if target.id in fields.requirement_ids:
        raise Invalid.field("/requirement_ids", N_("A requirement cannot be merged into itself."))
    sources = await all_to_judge(work, fields.requirement_ids)
    await _merge(work, target, sources, fields.reason)
    return target


async def compile_requirement(work: Work, fields: CompilationCreate) -> Requirement:
    """Merge several into a new one that the office words and puts forward, under the highest of their labels.

    Raises OwnRequirement, RequirementNotReady, RequirementIncomplete, Invalid.
    """
    office = work.actor.organisation(Role.PROGRAMME_OFFICER)
    rules.DECIDE.require(work.actor)
    assert office is not None
    sources = await all_to_judge(work, fields.requirement_ids)
    label = rules.highest([SecurityLabel(source.label) for source in sources])
    values = fields.model_dump(mode="json", exclude={"requirement_ids", "reason"})
    name = work.actor.organisation_name(office)
    target = await _begun(work, office, name, {**values, "label": label.value, "compiled": True})
    await _fix(work, target, sources)
    await _merge(work, target, sources, fields.reason)
    return target


async def to_judge(work: Work, requirement_id: UUID, version: int | None) -> Requirement:
    """A requirement that was put forward, locked, for the programme office to answer.

    Raises NotFound, Stale, OwnRequirement.
    """
    rules.DECIDE.admits(work.actor)
    requirement = await work.get(Requirement, requirement_id)
    rules.DECIDE.require(work.actor, label=SecurityLabel(requirement.label), thing="requirement")
    if rules.State(requirement.state) in rules.HIDDEN:
        raise NotFound(N_("There is no requirement here that you may see."))
    asking = await queries.organisations_of(work, requirement_id)
    rules.require_uninvolved(work.actor, {one["id"] for one in asking})
    work.must_match(requirement, version)
    return requirement


async def all_to_judge(work: Work, ids: Sequence[UUID]) -> list[Requirement]:
    """Several at once, locked in one order for all. Raises Invalid at those that are not there, OwnRequirement."""
    found: dict[UUID, Requirement] = {}
    faults = []
    for one in sorted(set(ids)):
        try:
            found[one] = await to_judge(work, one, None)
        except NotFound as unknown:
            faults.append({"pointer": f"/requirement_ids/{ids.index(one)}", "detail": unknown.detail})
    if faults:
        raise Invalid(N_("Correct the marked entries and send it again."), errors=faults)
    return [found[one] for one in dict.fromkeys(ids)]


async def lapse_opinions(work: Work, requirement: Requirement) -> None:
    """The consultation is over: nobody is waited for any more."""
    waiting = await work.session.execute(
        select(Opinion)
        .where(
            Opinion.requirement_id == requirement.id,  # type: ignore[arg-type]
            Opinion.state == rules.OpinionState.INVITED.value,  # type: ignore[arg-type]
        )
        .with_for_update()
    )
    for opinion in waiting.scalars().all():
        _emit(work, opinion.lapse())


async def _own(work: Work, requirement_id: UUID, version: int | None) -> Requirement:
    rules.DRAFT.admits(work.actor)
    requirement = await work.get(Requirement, requirement_id)
    label = SecurityLabel(requirement.label)
    rules.DRAFT.require(work.actor, owners={requirement.organisation_id}, label=label, thing="requirement")
    if requirement.state == rules.State.DISCARDED.value:
        raise NotFound(N_("There is no requirement here that you may see."))
    work.must_match(requirement, version)
    return requirement


async def _begun(work: Work, organisation_id: UUID, name: str, columns: dict[str, Any]) -> Requirement:
    requirement = Requirement.model_validate(
        {
            **columns,
            "organisation_id": organisation_id,
            "organisation_name": name,
            "author": work.actor.subject,
            "created_at": work.now,
        }
    )
    work.add(requirement)
    await work.session.flush()
    return requirement


async def _fix(work: Work, requirement: Requirement, sources: Sequence[Requirement] = ()) -> None:
    """Put it forward: keep what it says, word for word."""
    content, sha256 = canonical(requirement.content())
    _emit(work, requirement.put_forward(work.now, sha256, tuple(source.ref for source in sources)))
    work.add(
        RequirementVersion(
            requirement_id=requirement.id,
            number=requirement.put_forward_version or 1,
            content=content,
            sha256=sha256,
            put_forward_by=work.actor.subject,
            put_forward_at=work.now,
        )
    )


async def _merge(work: Work, target: Requirement, sources: Sequence[Requirement], reason: str) -> None:
    for source in sources:
        _emit(work, source.merge(target.id, reason))
        await lapse_opinions(work, source)
    work.emit(target.widen(tuple(source.ref for source in sources)))


async def _admitted_name(work: Work, organisation_id: UUID) -> str:
    """The organisation's name. Raises NotAdmitted."""
    standing = (await standings(work, [organisation_id])).get(organisation_id)
    until = standing.admitted_until if standing else None
    admitted = standing is not None and standing.state == "admitted" and until is not None and until > work.now
    office = organisation_id in work.actor.organisations(Role.PROGRAMME_OFFICER)
    rules.require_admitted(admitted, office)
    return standing.name if standing else work.actor.organisation_name(organisation_id)


def _readable(work: Work, label: SecurityLabel) -> None:
    if not label.readable_with(work.actor.clearance):
        raise Invalid.field("/label", N_("Choose a label that you may read yourself."))


def _emit(work: Work, facts: Iterable[Event]) -> None:
    for fact in facts:
        work.emit(fact)
