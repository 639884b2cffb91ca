"""Writes about what is asked years after a project's completion."""

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from services.project_management.delivery.actions import project_for
from services.project_management.delivery.model import Project
from services.project_management.evaluations import rules
from services.project_management.evaluations.follow_ups import FollowUp
from services.project_management.evaluations.rules import FollowUpState
from services.project_management.evaluations.schemas import FollowUpCreate
from shared.contracts.base import Event
from shared.db.work import Work
from shared.kernel.clock import local_day
from shared.kernel.errors import NotFound
from shared.kernel.ids import new_id
from shared.kernel.marks import S_

AT_ONCE = 100


def follow(work: Work, project_id: UUID, after: Iterable[int]) -> None:
    """Ask, so many years from today, what became of the results."""
    for years in after:
        due_on = rules.due_after(local_day(work.now), years)
        work.add(FollowUp(id=new_id(), project_id=project_id, years=years, due_on=due_on, created_at=work.now))


async def answer_follow_up(work: Work, follow_up_id: UUID, fields: FollowUpCreate, version: int | None) -> FollowUp:
    """The lead says what became of the results. Raises NotFound, Stale, FollowUpAnsweredAlready."""
    rules.REPORT.admits(work.actor)
    seen = await work.get(FollowUp, follow_up_id, lock=False)
    try:
        project = await project_for(work, seen.project_id, rules.REPORT)
    except NotFound:  # "no project" would tell that there is such a follow-up
        raise NotFound(S_("There is no %(thing)s here that you may see.", thing="followup")) from None
    follow_up = await work.get(FollowUp, follow_up_id)
    work.must_match(follow_up, version)
    _emit(
        work,
        follow_up.answer(
            project,
            in_use=fields.in_use,
            income=fields.income.amount,
            currency=fields.income.currency,
            jobs=fields.jobs,
            said=fields.said,
            subject=work.actor.subject,
            now=work.now,
        ),
    )
    return follow_up


async def ask_follow_ups(work: Work) -> None:
    """By the clock: the lead is asked a month before a follow-up is due, and once more when it is overdue."""
    today = local_day(work.now)
    due = await work.rows(
        """SELECT id, project_id FROM follow_ups
           WHERE (state = 'waiting' AND due_on <= %(soon)s) OR (state = 'asked' AND NOT reminded AND due_on < %(today)s)
           ORDER BY due_on, id LIMIT %(most)s""",
        {"today": today, "soon": today + timedelta(days=rules.ASKED_BEFORE), "most": AT_ONCE},
    )
    for row in due:
        async with work.apart(follow_up=row["id"]):
            await _ask(work, row["project_id"], row["id"], today)


async def _ask(work: Work, project_id: UUID, follow_up_id: UUID, today: date) -> None:
    project = await work.get(Project, project_id)
    follow_up = await work.get(FollowUp, follow_up_id)
    state = FollowUpState(follow_up.state)
    if state is FollowUpState.WAITING:
        _emit(work, follow_up.ask(project, "ask"))
    elif state is FollowUpState.ASKED and not follow_up.reminded and follow_up.due_on < today:
        _emit(work, follow_up.ask(project, "remind"))


def _emit(work: Work, facts: Iterable[Event]) -> None:
    for fact in facts:
        work.emit(fact)
