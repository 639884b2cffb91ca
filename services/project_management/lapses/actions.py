"""What the clock does about milestones: it reminds the lead, answers a delay by rule, and clears what is over."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from services.project_management.calls.model import Call
from services.project_management.calls.terms import MOST_DAYS
from services.project_management.delivery.model import Milestone, Project
from services.project_management.delivery.rules import MilestoneState, ProjectState
from services.project_management.lapses import rules
from services.project_management.lapses.model import Explanation, Lapse, Watch
from services.project_management.standing.actions import propose_by_rule
from services.project_management.standing.rules import LAPSES
from shared.contracts.project_delivery import DelayExplained, MilestoneMissed
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.db.work import Work
from shared.kernel.clock import local_day
from shared.kernel.ids import new_id
from shared.kernel.marks import S_
from shared.kernel.types import Role, SecurityLabel

AT_ONCE = 100
"""How many milestones are dealt with in one unit of work; the next round brings the others."""
_WAITING = (MilestoneState.PENDING.value, MilestoneState.RETURNED.value)
_TO_SEE = """
SELECT m.id FROM milestones m JOIN projects p ON p.id = m.project_id JOIN calls c ON c.id = p.call_id
CROSS JOIN LATERAL (SELECT ARRAY(SELECT jsonb_array_elements_text(c.terms -> 'milestone_reminder_days')::int) AS days,
    %(after)s::int[] || (c.terms ->> 'explanation_days')::int AS after) t
LEFT JOIN milestone_watches w ON w.milestone_id = m.id
WHERE m.state IN ('pending', 'returned') AND m.due_on <= %(horizon)s AND p.state = 'running'
  AND m.due_on <= %(today)s + (SELECT coalesce(max(d), 0) FROM unnest(t.days) d)
  AND (w.milestone_id IS NULL OR w.due_on <> m.due_on
       OR (w.grade > 0 AND w.office_task_id IS NULL AND w.reviewed_at IS NULL)
       OR (m.due_on >= %(today)s AND coalesce(w.reminded, 99) > (SELECT min(d) FROM unnest(t.days) d
                                                                 WHERE d >= m.due_on - %(today)s))
       OR w.grade < (SELECT count(*) FROM unnest(t.after) late WHERE late <= %(today)s - m.due_on))
ORDER BY m.due_on, m.id LIMIT %(most)s
"""
"""What a call says of its days is looked at only within the longest that a call may say, which an index serves."""
_OVER = """
SELECT m.id FROM milestone_watches w JOIN milestones m ON m.id = w.milestone_id JOIN projects p ON p.id = m.project_id
WHERE (w.task_id IS NOT NULL OR w.office_task_id IS NOT NULL)
  AND (p.state <> 'running' OR m.state NOT IN ('pending', 'returned') OR w.due_on <> m.due_on)
ORDER BY m.due_on, m.id LIMIT %(most)s
"""


async def watch_milestones(work: Work) -> None:
    """Remind, respond, clear: once for each milestone whose turn has come, however often the clock runs."""
    today = local_day(work.now)
    due = await work.rows(
        _TO_SEE,
        {
            "today": today,
            "horizon": today + timedelta(days=MOST_DAYS),
            "after": [step.after for step in rules.STEPS if step.response != "explanation"],
            "most": AT_ONCE,
        },
    )
    due += await work.rows(_OVER, {"most": AT_ONCE})
    for row in {one["id"]: one for one in due}.values():
        async with work.apart(milestone=row["id"]):
            await _see(work, row["id"])


async def explain_delay(work: Work, milestone_id: UUID, text: str, version: int | None) -> Milestone:
    """The lead says why a milestone is late; nobody waits for that any more. Raises NotFound, Stale, NotLate."""
    rules.EXPLAIN.admits(work.actor)
    seen = await work.get(Milestone, milestone_id, lock=False)
    project = await work.get(Project, seen.project_id)
    rules.EXPLAIN.require(work.actor, owners={project.lead_id}, label=SecurityLabel(project.label), thing="milestone")
    milestone = await work.get(Milestone, milestone_id)
    work.must_match(milestone, version)
    watch = await work.session.get(Watch, milestone_id, with_for_update=True)
    running = project.state == ProjectState.RUNNING.value and milestone.state in _WAITING
    current = watch is not None and watch.due_on == milestone.due_on
    rules.require_late(waiting=running, grade=watch.grade if watch and current else 0)
    assert watch
    counted = await work.row(
        "SELECT count(*) AS n FROM milestone_explanations WHERE milestone_id = %(id)s", {"id": milestone_id}
    )
    work.add(
        Explanation(
            milestone_id=milestone_id,
            number=(counted["n"] if counted else 0) + 1,
            due_on=milestone.due_on,
            text=text,
            given_by=work.actor.subject,
            given_at=work.now,
        )
    )
    work.emit(
        DelayExplained(
            version=milestone.touch(),
            project_id=project.id,
            number=milestone.number,
            due_on=milestone.due_on,
            reason=text,
            **milestone.frame(project),
        )
    )
    if watch.grade > 1:  # the notice alone asks to show the milestone, and goes on asking
        _clear(work, project, milestone, watch, "explained")
    return milestone


async def _see(work: Work, milestone_id: UUID) -> None:
    seen = await work.get(Milestone, milestone_id, lock=False)
    project = await work.get(Project, seen.project_id)  # the project first, as everybody locks them
    milestone = await work.get(Milestone, milestone_id)
    watch = await work.session.get(Watch, milestone_id, with_for_update=True)
    if watch is None:
        watch = Watch(milestone_id=milestone_id, due_on=milestone.due_on)
        work.add(watch)
    if watch.due_on != milestone.due_on:
        _clear(work, project, milestone, watch, "day changed")
        _clear_office(work, project, milestone, watch, "day changed")
        watch.due_on, watch.reminded, watch.grade, watch.reviewed_at = milestone.due_on, None, 0, None
    if project.state != ProjectState.RUNNING.value or milestone.state not in _WAITING:
        _clear(work, project, milestone, watch, "done")
        _clear_office(work, project, milestone, watch, "done")
        return
    today = local_day(work.now)
    terms = (await work.get(Call, project.call_id, lock=False)).agreed
    ahead = rules.reminder(milestone.due_on, today, watch.reminded, terms.milestone_reminder_days)
    if ahead is not None:
        _clear(work, project, milestone, watch, "superseded")
        watch.reminded = ahead
        work.emit(_remind(project, milestone, watch, (milestone.due_on - today).days))
    for step in rules.steps_due(milestone.due_on, today, watch.grade, rules.steps_of(terms)):
        watch.grade = step.grade
        work.add(
            Lapse(
                milestone_id=milestone.id,
                due_on=milestone.due_on,
                grade=step.grade,
                days_late=(today - milestone.due_on).days,
                response=step.response,
                rule=step.rule,
                reason=step.reason,
                at=work.now,
            )
        )
        work.emit(
            MilestoneMissed(
                version=milestone.touch(),
                project_id=project.id,
                number=milestone.number,
                due_on=milestone.due_on,
                days_late=(today - milestone.due_on).days,
                grade=step.grade,
                response=step.response,
                rule=step.rule,
                reason=step.reason,
                **milestone.frame(project),
            )
        )
        _clear(work, project, milestone, watch, "missed")
        work.emit(_answer(project, milestone, watch, step.response))
        if step.grade in LAPSES:
            await propose_by_rule(
                work,
                LAPSES[step.grade],
                project.id,
                cause=f"milestone {milestone.id} due {milestone.due_on} grade {step.grade}",
                by_rule=step.rule,
                reason=S_(
                    "Milestone %(number)s is %(days)s days late: “%(title)s”.",
                    number=milestone.number,
                    days=(today - milestone.due_on).days,
                    title=milestone.title,
                ),
                about=milestone.ref,
                title=milestone.title,
            )
        if rules.for_the_office(step.grade):
            _clear_office(work, project, milestone, watch, "superseded")
    if watch.grade and watch.office_task_id is None and watch.reviewed_at is None:
        work.emit(_tell_office(project, milestone, watch))


async def review_done(work: Work, project: Project) -> None:
    """The office has said what becomes of a late project: the review of its delays is done."""
    found = await work.rows(
        """SELECT m.id FROM milestones m JOIN milestone_watches w ON w.milestone_id = m.id
           WHERE m.project_id = %(id)s AND w.grade >= %(grade)s AND w.reviewed_at IS NULL ORDER BY m.number""",
        {"id": project.id, "grade": rules.REVIEW_GRADE},
    )
    for row in found:
        milestone = await work.get(Milestone, row["id"])
        watch = await work.session.get(Watch, row["id"], with_for_update=True)
        assert watch
        _clear_office(work, project, milestone, watch, "reviewed")
        watch.reviewed_at = work.now


def _tell_office(project: Project, milestone: Milestone, watch: Watch) -> TaskAssigned:
    """The office knows of each delay as the rules say, and of the last one that it has something to decide."""
    watch.office_task_id = new_id()
    said = rules.for_the_office(watch.grade) or rules.for_the_office(1)
    watch.office_task_title = S_(said, number=milestone.number, title=milestone.title)
    review = watch.grade == rules.REVIEW_GRADE
    return TaskAssigned(
        **_frame(project, milestone, watch)
        | {"id": watch.office_task_id, "title": watch.office_task_title, "owners": (project.office_id,)},
        version=1,
        role=Role.PROGRAMME_OFFICER,
        organisation_id=project.office_id,
        kind="project.review" if review else "milestone.late",
        url=f"/projects/projects/{project.id}/termination" if review else f"/projects/milestones/{milestone.id}",
        about=milestone.ref,
    )


def _clear_office(work: Work, project: Project, milestone: Milestone, watch: Watch, outcome: str) -> None:
    if watch.office_task_id is None:
        return
    frame = _frame(project, milestone, watch) | {
        "id": watch.office_task_id,
        "title": watch.office_task_title,
        "owners": (project.office_id,),
    }
    work.emit(TaskDone(**frame, version=2, outcome=outcome))
    watch.office_task_id = None


def _remind(project: Project, milestone: Milestone, watch: Watch, left: int) -> TaskAssigned:
    watch.task_id, watch.task_title = new_id(), rules.reminding(milestone.number, milestone.title, left)
    return _task(project, milestone, watch, "milestone.remind")


def _answer(project: Project, milestone: Milestone, watch: Watch, response: rules.Response) -> TaskAssigned:
    """A delay puts one task on the lead's worklist: to show the milestone, or to explain."""
    sentence = (
        S_("Milestone %(number)s is late: “%(title)s”", number=milestone.number, title=milestone.title)
        if response == "notice"
        else S_("Explain why milestone %(number)s is late: “%(title)s”", number=milestone.number, title=milestone.title)
    )
    watch.task_id, watch.task_title = new_id(), sentence
    return _task(project, milestone, watch, "milestone.remind" if response == "notice" else "milestone.explain")


def _task(project: Project, milestone: Milestone, watch: Watch, kind: str) -> TaskAssigned:
    assert watch.task_id
    return TaskAssigned(
        **_frame(project, milestone, watch),
        version=1,
        role=Role.APPLICANT,
        organisation_id=project.lead_id,
        kind=kind,
        url=f"/projects/milestones/{milestone.id}",
        due_at=datetime.combine(milestone.due_on, time(15, 59), UTC),  # the end of the day in Beijing
        about=milestone.ref,
    )


def _clear(work: Work, project: Project, milestone: Milestone, watch: Watch, outcome: str) -> None:
    if watch.task_id is None:
        return
    work.emit(TaskDone(**_frame(project, milestone, watch), version=2, outcome=outcome))
    watch.task_id = None


def _frame(project: Project, milestone: Milestone, watch: Watch) -> dict[str, Any]:
    return {
        "id": watch.task_id,
        "title": watch.task_title,
        "label": SecurityLabel(project.label),
        "owners": tuple(sorted(project.owners)),
        "arises_from": (milestone.ref,),
    }
