"""Writes about adoptions: a call is drafted from requirements, and each side knows the other."""

from services.project_management.adoptions import rules
from services.project_management.adoptions.schemas import AdoptionCreate
from services.project_management.calls.actions import draft_call
from services.project_management.calls.model import Call
from services.project_management.calls.schemas import CallCreate
from services.project_management.requirements.actions import all_to_judge
from services.project_management.requirements.model import Requirement, RequirementCall
from services.project_management.requirements.rules import State, next_state
from shared.db.work import Work
from shared.kernel.errors import Invalid
from shared.kernel.marks import S_
from shared.kernel.types import SecurityLabel


async def adopt_requirements(work: Work, fields: AdoptionCreate) -> Call:
    """Draft a call from prioritised requirements; what the office leaves out comes from them.

    Raises Invalid (also for a label below theirs), OwnRequirement, RequirementNotReady, AlreadyAdopted.
    """
    rules.ADOPT.require(work.actor)
    requirements = await all_to_judge(work, fields.requirement_ids)
    for requirement in requirements:
        next_state("adopt", State(requirement.state))
        rules.require_not_adopted(requirement.title, await _phases(work, requirement))
    given = fields.model_dump(exclude={"requirement_ids", "reason"})
    values = rules.prefilled([one.model_dump() for one in requirements])
    values |= {name: value for name, value in given.items() if value is not None}
    least = rules.lowest_label([SecurityLabel(one.label) for one in requirements])
    if SecurityLabel(values["label"]).rank < least.rank:
        raise Invalid.field(
            "/label", S_("The requirements are %(label)s; the call cannot be read by more.", label=least.value)
        )
    call = await draft_call(work, CallCreate.model_validate(values), tuple(one.ref for one in requirements))
    await work.session.flush()
    for requirement in requirements:
        work.add(
            RequirementCall(
                requirement_id=requirement.id,
                call_id=call.id,
                adopted_by=work.actor.subject,
                adopted_at=work.now,
            )
        )
        for fact in requirement.adopt(call.id, fields.reason):
            work.emit(fact)
    return call


async def _phases(work: Work, requirement: Requirement) -> list[str]:
    """The states of all calls drafted from it, whoever may see them."""
    found = await work.rows(
        """SELECT c.state FROM requirement_calls l JOIN calls c ON c.id = l.call_id
           WHERE l.requirement_id = %(id)s""",
        {"id": requirement.id},
    )
    return [row["state"] for row in found]
