"""Writes about how many experts review an application, where its office asks for another number than the call names:
one that two reviewers disagree on wants a third."""

from uuid import UUID

from services.project_management.applications.queries import submitted_to
from services.project_management.assignments.actions import look_for_gaps_anew, office_call
from services.project_management.assignments.model import Demand
from services.project_management.assignments.queries import demands_of
from services.project_management.assignments.schemas import DemandCreate
from services.project_management.calls.rules import CallNotReady, State
from shared.db.work import Work
from shared.kernel.errors import Conflict, Invalid
from shared.kernel.marks import N_


async def ask_reviewers(work: Work, call_id: UUID, fields: DemandCreate) -> Demand:
    """Let an application be reviewed by more or fewer experts than the others, from the next assignment on.

    Raises NotFound, OwnApplication, CallNotReady, Invalid for an application of another call, Conflict where it is so
    already.
    """
    call = await office_call(work, call_id)
    if call.state not in (State.CLOSED.value, State.DECIDING.value):
        raise CallNotReady(
            N_("How many review an application is settled when the call is closed, before its decision.")
        )
    if fields.application_id not in {one.id for one in await submitted_to(work, call_id)}:
        raise Invalid.field("/application_id", N_("This application takes no part in the call."))
    asked = {one["application_id"]: one["number"] for one in await demands_of(work, call_id)}
    wanted = fields.number or call.reviewers_per_application
    if asked.get(fields.application_id, call.reviewers_per_application) == wanted:
        raise Conflict(N_("It is to have so many reviewers already."))
    demand = Demand(
        call_id=call.id,
        application_id=fields.application_id,
        number=fields.number,
        reason=fields.reason,
        asked_by=work.actor.subject,
        asked_at=work.now,
    )
    work.add(demand)
    await look_for_gaps_anew(work, call)
    return demand
