"""What the clock does about progress reports: it plans them, opens and reminds, answers a delay, and clears what is
over."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.project_management.delivery.model import Project
from services.project_management.delivery.rules import ProjectState
from services.project_management.lapses.rules import REMINDERS, reminder, steps_due
from services.project_management.reports import rules
from services.project_management.reports.actions import open_report
from services.project_management.reports.model import Report, ReportPlan
from services.project_management.reports.rules import Kind, Rhythm, State
from shared.db.work import Work
from shared.kernel.clock import local_day
from shared.kernel.ids import new_id
from shared.kernel.marks import N_

AT_ONCE = 100
_TO_PLAN = """
SELECT p.id FROM projects p JOIN report_plans l ON l.call_id = p.call_id
LEFT JOIN report_schedules s ON s.project_id = p.id
WHERE p.state = 'running' AND (s.project_id IS NULL OR s.project_version <> p.version OR s.plan_version <> l.version)
ORDER BY p.id LIMIT %(most)s
"""
_TO_SEE = """
SELECT r.id FROM progress_reports r JOIN projects p ON p.id = r.project_id
CROSS JOIN LATERAL (SELECT p.state = 'running'
                           OR (p.state = 'completed' AND (r.kind = 'final' OR r.state <> 'planned')) AS yes) owed
WHERE (p.state <> 'drafted' AND NOT owed.yes AND r.state IN ('planned', 'open', 'returned'))
   OR (p.state = 'completed' AND r.grade >= %(review)s AND r.office_task_id IS NOT NULL)
   OR (owed.yes AND r.due_on <= %(horizon)s
       AND (r.state = 'planned'
            OR (r.state IN ('open', 'returned')
                AND ((r.due_on >= %(today)s AND coalesce(r.reminded, 99) > (SELECT min(d) FROM unnest(%(days)s::int[]) d
                                                                            WHERE d >= r.due_on - %(today)s))
                     OR r.grade < coalesce((SELECT max(s.grade) FROM unnest(%(after)s::int[], %(grades)s::int[],
                                                                            %(stops)s::bool[], %(ends)s::bool[])
                                                            s (late, grade, stops, ends)
                                            WHERE s.late <= %(today)s - r.due_on
                                              AND (r.stops_payments OR NOT s.stops)
                                              AND (p.state = 'running' OR NOT s.ends)), 0)))))
ORDER BY r.due_on, r.id LIMIT %(most)s
"""


async def plan_reports(work: Work) -> None:
    """Each running project gets the reports that its call foresees; what is not open yet follows the task book."""
    for row in await work.rows(_TO_PLAN, {"most": AT_ONCE}):
        async with work.apart(project=row["id"]):
            await _plan(work, row["id"])


async def watch_reports(work: Work) -> None:
    """Open, remind, respond, lift: once for each report whose turn has come, however often the clock runs."""
    today = local_day(work.now)
    due = await work.rows(
        _TO_SEE,
        {
            "today": today,
            "horizon": rules.opening_horizon(today),
            "days": list(REMINDERS),
            "after": [step.after for step in rules.STEPS],
            "grades": [step.grade for step in rules.STEPS],
            "ends": [step.response == "termination_review" for step in rules.STEPS],
            "stops": [step.response == "payment_stop" for step in rules.STEPS],
            "review": rules.REVIEW_GRADE,
            "most": AT_ONCE,
        },
    )
    for row in due:
        async with work.apart(report=row["id"]):
            await _see(work, row["id"])


async def _plan(work: Work, project_id: UUID) -> None:
    project = await work.get(Project, project_id)
    found = await work.session.execute(select(ReportPlan).where(ReportPlan.call_id == project.call_id))  # type: ignore[arg-type]
    plan = found.scalars().one()
    today = local_day(work.now)
    milestones = await work.rows("SELECT due_on FROM milestones WHERE project_id = %(id)s", {"id": project_id})
    wanted = rules.schedule(
        Rhythm(plan.rhythm),
        final=plan.final,
        starts_on=project.starts_on,
        ends_on=project.ends_on,
        milestones=[one["due_on"] for one in milestones],
    )
    reports = await work.session.execute(
        select(Report).where(Report.project_id == project_id).order_by(Report.until_on).with_for_update()  # type: ignore[arg-type]
    )
    present = list(reports.scalars().all())
    begun = [one for one in present if one.state != State.PLANNED.value]
    past = max((one.until_on for one in begun), default=None)
    final = any(one.kind == Kind.FINAL.value for one in begun)
    ahead = [one for one in wanted if (past is None or one.until_on > past) and not final]
    kept = {(one.kind, one.until_on): one for one in present if one.state == State.PLANNED.value}
    number = len(begun)
    for period in ahead:
        number += 1
        report = kept.pop((period.kind.value, period.until_on), None)
        if report is None:
            work.add(_new(work, project, plan, number, period, today))
        else:
            report.number, report.from_on = number, period.from_on
            report.due_on = rules.due_day(period.until_on, plan.days, local_day(report.created_at))
            report.stops_payments = plan.stops_payments
    for report in kept.values():
        await work.session.delete(report)
    await work.execute(
        """INSERT INTO report_schedules (project_id, project_version, plan_version)
           VALUES (%(id)s, %(project)s, %(plan)s) ON CONFLICT (project_id) DO UPDATE
           SET project_version = excluded.project_version, plan_version = excluded.plan_version""",
        {"id": project_id, "project": project.version, "plan": plan.version},
    )


def _new(work: Work, project: Project, plan: ReportPlan, number: int, period: rules.Period, today: date) -> Report:
    return Report(
        id=new_id(),
        project_id=project.id,
        project_title=project.title,
        call_id=project.call_id,
        office_id=project.office_id,
        lead_id=project.lead_id,
        parties=sorted(str(one) for one in project.owners),
        label=project.label,
        number=number,
        kind=period.kind.value,
        from_on=period.from_on,
        until_on=period.until_on,
        due_on=rules.due_day(period.until_on, plan.days, today),
        stops_payments=plan.stops_payments,
        created_at=work.now,
    )


async def _see(work: Work, report_id: UUID) -> None:
    seen = await work.get(Report, report_id, lock=False)
    project = await work.get(Project, seen.project_id)  # the project first, as everybody locks them
    report = await work.get(Report, report_id)
    today, state = local_day(work.now), State(report.state)
    if not rules.owed(ProjectState(project.state), state, Kind(report.kind)):
        if state in rules.TRANSITIONS["lift"][0]:
            _say(work, report.lift(N_("The project does not run any more."), work.now))
        return
    if state is State.PLANNED:
        if report.due_on <= rules.opening_horizon(today):
            await open_report(work, project, report)
        return
    if state not in rules.WRITING:
        return
    ahead = reminder(report.due_on, today, report.reminded)
    if ahead is not None:
        _say(work, report.remind((report.due_on - today).days))
        report.reminded = ahead
    running = project.state == ProjectState.RUNNING.value
    if not running and report.grade >= rules.REVIEW_GRADE:
        _say(work, report.office_done())  # what is completed is not ended: there is nothing left to decide
    foreseen = rules.steps(stops_payments=report.stops_payments, running=running)
    for step in steps_due(report.due_on, today, report.grade, foreseen):
        _say(work, report.miss(step, today, work.now))


def _say(work: Work, facts: Sequence[Any]) -> None:
    for fact in facts:
        work.emit(fact)
