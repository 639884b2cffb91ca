"""The service's own pulse: it writes down that it runs, and finds out that it did not."""

from sqlalchemy import select

from services.project_management.applications.model import Application
from services.project_management.applications.queries import partners_of
from services.project_management.applications.rules import State as ApplicationState
from services.project_management.calls.actions import extend_call
from services.project_management.calls.model import Call
from services.project_management.calls.rules import State
from services.project_management.outages import rules
from services.project_management.outages.model import Outage, Uptime
from shared.db.work import Work
from shared.kernel.marks import S_


async def beat(work: Work) -> None:
    """Note that the service runs. After a silence note the outage, and lengthen every call it hit, all at once.

    Run by the clock and before the service answers its first request, so that nobody meets a call that is closed only
    because the service was away.
    """
    # Two processes that start together would both find the silence.
    await work.row("SELECT pg_advisory_xact_lock(hashtext('uptimes'))")
    now = work.now
    last = await work.row("SELECT id, until FROM uptimes ORDER BY id DESC LIMIT 1")
    if last is not None and not rules.silent(last["until"], now):
        await work.execute(
            "UPDATE uptimes SET until = %(now)s WHERE id = %(id)s AND until < %(now)s", {"id": last["id"], "now": now}
        )
        return
    work.add(Uptime(since=now, until=now))
    if last is not None:
        await _make_good(work, Outage(started_at=last["until"], ended_at=now, created_at=now))


async def _make_good(work: Work, outage: Outage) -> None:
    found = await work.session.execute(
        select(Call)
        .where(
            Call.state == State.RELEASED.value,  # type: ignore[arg-type]
            Call.closes_at > outage.started_at,  # type: ignore[arg-type]
            Call.closes_at < outage.ended_at + rules.WINDOW,  # type: ignore[arg-type]
        )
        .order_by(Call.id)  # type: ignore[arg-type]
        .with_for_update()
    )
    for call in found.scalars():
        closes_at = rules.lengthened(call.opens_at, call.closes_at, outage.started_at, outage.ended_at)
        if closes_at is not None:
            minutes = round((outage.ended_at - outage.started_at).total_seconds() / 60)
            reason = S_(
                "The platform was not available for %(minutes)s minutes shortly before the closing time.",
                minutes=minutes,
            )
            extend_call(work, call, closes_at, reason, outage.ref)
            outage.calls += 1
    await _lengthen_completions(work, outage)
    work.add(outage)
    work.emit(outage.recorded())


async def _lengthen_completions(work: Work, outage: Outage) -> None:
    """The same rule for applications that are with their lead for completion."""
    found = await work.session.execute(
        select(Application)
        .where(
            Application.state == ApplicationState.RETURNED.value,  # type: ignore[arg-type]
            Application.return_due_at > outage.started_at,  # type: ignore[arg-type, operator]
        )
        .order_by(Application.id)  # type: ignore[arg-type]
        .with_for_update()
    )
    for application in found.scalars():
        assert application.returned_at is not None
        assert application.return_due_at is not None
        due_at = rules.lengthened(
            application.returned_at, application.return_due_at, outage.started_at, outage.ended_at
        )
        if due_at is not None:
            partners = await partners_of(work, application.id)
            if done := application.completion_done(partners, "lengthened"):
                work.emit(done)
            for said in application.due(partners, due_at):
                work.emit(said)
