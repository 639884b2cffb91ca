"""How a call ends for its applications, by the clock: at its closing time, or because it was cancelled.

Whoever locks both locks the call first, then applications, then reviews. What is done here for single applications
locks none of the others, leaves out what somebody is working on, and comes back to it a second later.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.project_management.amendments.queries import NEWS_AFTER_CLOSING
from services.project_management.applications.model import Application
from services.project_management.applications.queries import partners_of
from services.project_management.applications.rules import State
from services.project_management.assignments.actions import decision_made
from services.project_management.calls.model import Call
from services.project_management.calls.rules import STRAGGLERS
from services.project_management.calls.rules import State as CallState
from services.project_management.outages.queries import running_on
from shared.db.work import Work
from shared.kernel.marks import S_

ARCHIVED_AFTER = timedelta(days=365)
"""Since the closing and the day on which its decision became final."""
_DONE = """
SELECT c.id FROM calls c LEFT JOIN decisions d ON d.call_id = c.id
WHERE c.state IN ('decided', 'cancelled') AND c.closes_at < %(before)s AND (d.id IS NULL OR d.final_at < %(before)s)
  AND NOT EXISTS (SELECT FROM awards w WHERE w.call_id = c.id AND w.outcome = 'funded'
                  AND NOT EXISTS (SELECT FROM projects p WHERE p.application_id = w.application_id))
  AND NOT EXISTS (SELECT FROM projects p WHERE p.call_id = c.id AND (
        p.state IN ('drafted', 'returned', 'running')
        OR EXISTS (SELECT FROM terminations t WHERE t.project_id = p.id AND t.state IN ('ended', 'settled'))
        OR EXISTS (SELECT FROM milestones m WHERE m.project_id = p.id AND p.state = 'completed'
                   AND m.state = 'accepted' AND m.released_at IS NULL)))
  AND NOT EXISTS (SELECT FROM award_offers o WHERE o.call_id = c.id AND o.state = 'offered')
  AND NOT EXISTS (SELECT FROM appeals x WHERE x.call_id = c.id AND x.state = 'lodged')
ORDER BY c.closes_at LIMIT %(most)s
"""
"""What stands above this feature is read by SQL alone."""
AT_ONCE = 50
"""How many are dealt with in one unit of work; the next second brings the others."""


async def close_due_calls(work: Work) -> None:
    """Close every call whose time has passed."""
    if not await running_on(work):
        return  # the service was down and is about to lengthen what it hit
    due = await work.rows(
        "SELECT id FROM calls WHERE state = 'released' AND closes_at <= %(now)s ORDER BY closes_at LIMIT %(most)s",
        {"now": work.now - STRAGGLERS, "most": AT_ONCE},
    )
    for row in due:
        async with work.apart(call=row["id"]):
            await _close(work, row["id"])


async def _close(work: Work, call_id: UUID) -> None:
    call = await work.get(Call, call_id)
    if call.state != CallState.RELEASED.value or call.closes_at > work.now - STRAGGLERS:
        return
    counted = await work.row(
        """SELECT count(*) AS n FROM applications
           WHERE call_id = %(id)s AND submitted_at IS NOT NULL AND state <> 'withdrawn'""",
        {"id": call.id},
    )
    work.emit(call.close(int(counted["n"]) if counted else 0))


async def follow_closed_calls(work: Work) -> None:
    """Tell the office of a closed call that it has to assign reviewers, and when nothing is left to review."""
    found = await work.rows(
        """SELECT c.id FROM calls c WHERE c.state = 'closed' AND (c.assignment_task_id IS NULL) = EXISTS (
               SELECT FROM applications a WHERE a.call_id = c.id AND a.state IN ('submitted', 'returned'))
           ORDER BY c.id LIMIT %(most)s""",
        {"most": AT_ONCE},
    )
    for row in found:
        async with work.apart(call=row["id"]):
            call = await work.get(Call, row["id"])
            if call.state == CallState.CLOSED.value:
                work.emit(call.assignment_done("all withdrawn") or call.assignment_due())


async def follow_empty_calls(work: Work) -> None:
    """Tell the office of a closed call in which nobody takes part, and no more once somebody does or it is over."""
    found = await work.rows(
        """SELECT c.id FROM calls c
           WHERE (c.conclusion_task_id IS NOT NULL OR c.state IN ('closed', 'deciding'))
             AND (c.conclusion_task_id IS NULL) = (c.state IN ('closed', 'deciding') AND NOT EXISTS (
               SELECT FROM applications a
               WHERE a.call_id = c.id AND a.state IN ('submitted', 'returned', 'reviewed')))
           ORDER BY c.id LIMIT %(most)s""",
        {"most": AT_ONCE},
    )
    for row in found:
        async with work.apart(call=row["id"]):
            call = await work.get(Call, row["id"])
            work.emit(call.conclusion_done("not empty any more") or call.conclusion_due())


async def take_back_requests(work: Work) -> None:
    """Nobody is asked any more to consent to an application that can no longer be handed in."""
    stranded = await work.rows(
        """SELECT a.id FROM applications a JOIN calls c ON c.id = a.call_id
           WHERE a.state = 'draft' AND c.state <> 'released'
             AND EXISTS (SELECT FROM application_partners p WHERE p.application_id = a.id AND p.task_id IS NOT NULL)
           ORDER BY a.id LIMIT %(most)s""",
        {"most": AT_ONCE},
    )
    await _each(work, stranded, State.DRAFT, _take_back)


async def take_back_notices(work: Work) -> None:
    """What changed in a call is news to nobody who can no longer apply; who has applied reads it until experts do."""
    over = await work.rows(
        f"""SELECT a.id, a.state FROM applications a JOIN calls c ON c.id = a.call_id
            WHERE a.changes_task_id IS NOT NULL AND c.state <> 'released'
              AND NOT {NEWS_AFTER_CLOSING} ORDER BY a.id LIMIT %(most)s""",  # noqa: S608 -- constants only
        {"most": AT_ONCE},
    )
    for state in {row["state"] for row in over}:
        await _each(work, [row for row in over if row["state"] == state], State(state), _take_back_notice)


async def settle_cancelled_calls(work: Work) -> None:
    """An application to a call that was cancelled is over, with the reason; nobody has to check it."""
    over = await work.rows(
        """SELECT a.id, a.state, c.state_reason AS reason FROM applications a JOIN calls c ON c.id = a.call_id
           WHERE c.state = 'cancelled' AND a.state IN ('submitted', 'returned', 'reviewed')
           ORDER BY a.id LIMIT %(most)s""",
        {"most": AT_ONCE},
    )
    for state in (State.SUBMITTED, State.RETURNED, State.REVIEWED):
        await _each(work, [row for row in over if row["state"] == state.value], state, _give_up)
    waiting = await work.rows(
        """SELECT DISTINCT c.id FROM calls c JOIN assignments s ON s.call_id = c.id
           WHERE (c.state = 'cancelled' OR c.state = 'decided' AND NOT EXISTS (
                      SELECT FROM decisions d WHERE d.call_id = c.id))
             AND (s.gap_task_id IS NOT NULL OR s.decision_task_id IS NOT NULL) LIMIT %(most)s""",
        {"most": AT_ONCE},
    )
    for row in waiting:
        async with work.apart(call=row["id"]):
            await decision_made(work, await work.get(Call, row["id"]))


async def archive_calls(work: Work) -> None:
    """File away, some time after its closing, a call about which nothing is left to do or to be paid."""
    over = await work.rows(_DONE, {"before": work.now - ARCHIVED_AFTER, "most": AT_ONCE})
    for row in over:
        async with work.apart(call=row["id"]):
            call = await work.get(Call, row["id"])
            if call.state in (CallState.DECIDED.value, CallState.CANCELLED.value):
                work.emit(call.archive())


async def _each(
    work: Work,
    found: Sequence[dict[str, Any]],
    state: State,
    end: Callable[[Work, Application, dict[str, Any]], Awaitable[None]],
) -> None:
    for row in found:
        async with work.apart(application=row["id"]):
            application = await work.session.get(
                Application, row["id"], with_for_update={"skip_locked": True}, populate_existing=True
            )
            if application is not None and application.state == state.value:
                await end(work, application, row)


async def _take_back(work: Work, application: Application, row: dict[str, Any]) -> None:
    partners = await partners_of(work, application.id)
    for partner in partners:
        if done := application.consent_done(partner, partners, "call closed"):
            work.emit(done)


async def _take_back_notice(work: Work, application: Application, row: dict[str, Any]) -> None:
    if done := application.changes_done(await partners_of(work, application.id), "call closed"):
        work.emit(done)


async def _give_up(work: Work, application: Application, row: dict[str, Any]) -> None:
    partners = await partners_of(work, application.id)
    work.emit(application.withdraw(partners, S_("The call was cancelled: %(reason)s", reason=row["reason"])))
    if done := application.check_done(partners, "call cancelled"):
        work.emit(done)
    if done := application.completion_done(partners, "call cancelled"):
        work.emit(done)
    for partner in partners:
        if done := application.consent_done(partner, partners, "call cancelled"):
            work.emit(done)
