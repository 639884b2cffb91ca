"""What the clock does about drafts: who could hand one in is asked to, and no more once that has changed."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.project_management.applications import facts
from services.project_management.applications.eligibility import eligibility, may_submit
from services.project_management.applications.model import Application, Partner
from services.project_management.applications.queries import partners_of
from services.project_management.applications.rules import Answer, State
from services.project_management.calls.model import Call
from services.project_management.calls.rules import State as CallState
from shared.db.work import Work

AT_ONCE = 50


async def follow_drafts(work: Work) -> None:
    """Drafts that changed: is everybody agreed and nothing missing, and does its lead know?

    One whose look fails is logged, and looked at again when it changes next: kept, such drafts would hold up all
    that come after them."""
    found = await work.rows(
        "SELECT id FROM applications WHERE touched ORDER BY id LIMIT %(most)s FOR UPDATE SKIP LOCKED",
        {"most": AT_ONCE},
    )
    for row in found:
        await _look(work, row["id"])
    await work.execute(
        "UPDATE applications SET touched = false WHERE touched AND id = ANY(%(ids)s)",
        {"ids": [row["id"] for row in found]},
    )


async def remind_to_hand_in(work: Work) -> None:
    """Of the drafts that wait to be handed in: those whose reminder is due, whose closing time has moved, or whose call
    takes none any more."""
    found = await work.rows(
        """SELECT a.id FROM applications a JOIN calls c ON c.id = a.call_id
           WHERE a.hand_in_task_id IS NOT NULL
             AND (a.hand_in_remind_at <= %(now)s OR c.state <> 'released' OR c.closes_at <> a.hand_in_due_at)
           ORDER BY a.id LIMIT %(most)s""",
        {"now": work.now, "most": AT_ONCE},
    )
    for row in found:
        await _look(work, row["id"])


async def _look(work: Work, application_id: UUID) -> None:
    async with work.apart(application=application_id):
        application = await work.session.get(
            Application, application_id, with_for_update={"skip_locked": True}, populate_existing=True
        )
        if application is None:
            return
        application.touched = False
        partners = await partners_of(work, application.id)
        call = await work.get(Call, application.call_id, lock=False)
        why = await _hindered(work, application, partners, call)
        asked = application.hand_in_task_id is not None
        again = application.hand_in_remind_at is not None and application.hand_in_remind_at <= work.now
        if not why and asked and not again and application.hand_in_due_at == call.closes_at:
            return
        if done := application.hand_in_done(partners, why or ("reminded" if again else "new date")):
            work.emit(done)
        if not why:
            work.emit(application.hand_in_due(partners, call.closes_at, work.now, again=asked and again))


async def _hindered(work: Work, application: Application, partners: Sequence[Partner], call: Call) -> str:
    """Why its lead is not asked to hand it in; empty where it is. Who works alone knows without being told: only what
    others had to agree to is news."""
    if application.state != State.DRAFT.value:
        return application.state
    if call.state != CallState.RELEASED.value or call.closes_at <= work.now:
        return "call closed"
    inside = [one for one in partners if one.left_at is None]
    if not inside and application.leader in (None, application.drafted_by):
        return "nobody else takes part"
    if any(one.answer != Answer.CONSENTED.value for one in inside):
        return "not ready any more"
    # As it will be when the call opens: what is ready before is told before.
    asked: datetime = max(work.now, call.opens_at)
    ready = may_submit(eligibility(await facts.eligibility_inputs(work, application.id, asked)))
    return "" if ready else "not ready any more"
