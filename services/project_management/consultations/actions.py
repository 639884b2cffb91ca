"""Writes about consultations: experts are asked, they answer, and a priority follows."""

from uuid import UUID

from sqlalchemy import select

from services.project_management.consultations import queries, rules
from services.project_management.consultations.schemas import (
    ConsultationCreate,
    OpinionUpdate,
    PriorityCreate,
    RecusalCreate,
)
from services.project_management.requirements.actions import lapse_opinions, to_judge
from services.project_management.requirements.model import Opinion, Requirement
from services.project_management.requirements.rules import READING, State, next_state
from shared.db.work import Work
from shared.kernel.errors import Invalid, NotFound
from shared.kernel.marks import N_
from shared.kernel.types import SecurityLabel


async def consult(work: Work, requirement_id: UUID, fields: ConsultationCreate, version: int | None) -> Requirement:
    """Invite experts; those already asked are not asked again.

    Raises NotFound, Stale, OwnRequirement, RequirementNotReady, Invalid at each who cannot be asked, with the reason.
    """
    requirement = await to_judge(work, requirement_id, version)
    next_state("consult", State(requirement.state))
    wanted = list(dict.fromkeys(fields.expert_ids))
    known = {expert["id"]: expert for expert in await queries.candidates(work, requirement_id, wanted)}
    faults = []
    for n, expert_id in enumerate(fields.expert_ids):
        if expert_id not in known:
            detail = N_("This is no expert who can sign in and has the reviewer role. Look in the catalogue.")
            faults.append({"pointer": f"/expert_ids/{n}", "detail": detail})
        elif known[expert_id]["barred"]:
            faults.append({"pointer": f"/expert_ids/{n}", "detail": known[expert_id]["barred"]})
    if faults:
        raise Invalid(N_("Some of these people cannot be asked."), errors=faults)
    for fact in requirement.consult(work.now):
        work.emit(fact)
    for expert_id in wanted:
        expert = known[expert_id]
        if expert["opinion"] is None:
            opinion = Opinion(
                requirement_id=requirement.id,
                requirement_title=requirement.title,
                expert_id=expert_id,
                expert_name=expert["name"],
                expert_subject=expert["subject"],
                due_at=work.now + rules.OPINION_TIME,
                created_at=work.now,
            )
            work.add(opinion)
            work.emit(opinion.invite())
    return requirement


async def give_opinion(work: Work, requirement_id: UUID, fields: OpinionUpdate, version: int | None) -> Opinion:
    """Say what one thinks, or say it differently while the consultation lasts.

    Raises NotFound for who was not asked, Stale, RequirementNotReady.
    """
    opinion = await _own(work, requirement_id, version)
    for fact in opinion.give(work.now, fields.importance, fields.feasibility, fields.comment):
        work.emit(fact)
    return opinion


async def recuse(work: Work, requirement_id: UUID, fields: RecusalCreate, version: int | None) -> Opinion:
    """Step aside; what was said is taken back. Raises NotFound, Stale, RequirementNotReady."""
    opinion = await _own(work, requirement_id, version)
    for fact in opinion.recuse(work.now, fields.reason):
        work.emit(fact)
    return opinion


async def prioritise(work: Work, requirement_id: UUID, fields: PriorityCreate, version: int | None) -> Requirement:
    """End the consultation and fix the priority with its trace; the officer may set another one, with a reason.

    Raises NotFound, Stale, OwnRequirement, RequirementNotReady, Invalid.
    """
    requirement = await to_judge(work, requirement_id, version)
    next_state("prioritise", State(requirement.state))
    if fields.priority and not fields.reason:
        raise Invalid.field("/reason", N_("Say why you set a priority of your own."))
    chosen = {"priority": fields.priority.value, "reason": fields.reason} if fields.priority else None
    trace = rules.prioritise(await queries.priority_inputs(work, requirement_id, chosen))
    facts = requirement.prioritise(
        work.now, trace.result["priority"], trace.model_dump(mode="json"), fields.reason if chosen else ""
    )
    for fact in facts:
        work.emit(fact)
    await lapse_opinions(work, requirement)
    return requirement


async def _own(work: Work, requirement_id: UUID, version: int | None) -> Opinion:
    """The expert's own opinion, locked, while the consultation lasts. Anybody else's does not exist."""
    rules.ANSWER.admits(work.actor)
    # The requirement first, as whoever ends the consultation locks them.
    requirement = await work.get(Requirement, requirement_id)
    found = await work.session.execute(
        select(Opinion)
        .where(
            Opinion.requirement_id == requirement_id,  # type: ignore[arg-type]
            Opinion.expert_subject == work.actor.subject,  # type: ignore[arg-type]
            Opinion.state.in_([state.value for state in READING]),  # type: ignore[attr-defined]
        )
        .with_for_update()
    )
    opinion = found.scalars().first()
    if opinion is None:
        raise NotFound(N_("There is no requirement here that you may see."))
    rules.ANSWER.require(
        work.actor, label=SecurityLabel(requirement.label), person=opinion.expert_subject, thing="requirement"
    )
    work.must_match(opinion, version)
    next_state("opine", State(requirement.state))
    return opinion
