"""Writes about members of a panel who stay silent."""

from uuid import UUID

from services.project_management.delivery.model import Project
from services.project_management.evaluations.actions import judge_when_in
from services.project_management.evaluations.model import Evaluation, Sheet
from services.project_management.evaluations.rules import SheetState, next_sheet
from services.project_management.excuses import rules
from shared.db.work import Work
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_
from shared.kernel.types import SecurityLabel

AT_ONCE = 100


async def excuse_member(work: Work, sheet_id: UUID, reason: str, version: int | None) -> Sheet:
    """Wait for this member no longer. The rest judge where they are enough; else the office appoints another.

    Raises NotFound, Stale, SheetNotReady.
    """
    rules.EXCUSE.admits(work.actor)
    seen = await work.get(Sheet, sheet_id, lock=False)
    place = await work.get(Evaluation, seen.evaluation_id, lock=False)
    project = await work.get(Project, place.project_id)
    try:
        rules.EXCUSE.require(
            work.actor,
            owners={project.lead_id},
            parties=project.owners,
            office=project.office_id,
            label=SecurityLabel(project.label),
            thing="sheet",
        )
    except NotFound:  # "no project" would tell that there is such a sheet
        raise NotFound(N_("There is no sheet here that you may see.")) from None
    evaluation = await work.get(Evaluation, place.id)
    sheet = await work.get(Sheet, sheet_id)
    work.must_match(sheet, version)
    next_sheet("withdraw", SheetState(sheet.state))
    sheet.reason = reason
    for fact in (*sheet.withdraw(), *sheet.office_told(evaluation, "excused")):
        work.emit(fact)
    await judge_when_in(work, project, evaluation)
    return sheet


async def watch_panels(work: Work) -> None:
    """By the clock: members are reminded, and the office is told of who is overdue; what is over is cleared."""
    found = await work.rows(
        """SELECT s.id, s.evaluation_id FROM evaluation_sheets s
           WHERE (s.state = 'asked' AND s.due_at <= %(soon)s
                  AND (s.reminded_at IS NULL OR s.reminded_at < s.due_at
                       OR (s.office_task_id IS NULL AND s.due_at <= %(now)s)))
              OR (s.state <> 'asked' AND s.office_task_id IS NOT NULL)
           ORDER BY s.due_at, s.id LIMIT %(most)s""",
        {"now": work.now, "soon": work.now + max(rules.REMINDERS), "most": AT_ONCE},
    )
    for row in found:
        async with work.apart(sheet=row["id"]):
            evaluation = await work.get(Evaluation, row["evaluation_id"])
            await _see(work, evaluation, await work.get(Sheet, row["id"]))


async def _see(work: Work, evaluation: Evaluation, sheet: Sheet) -> None:
    if sheet.state != SheetState.ASKED.value:
        for fact in sheet.office_told(evaluation, "done"):
            work.emit(fact)
        return
    if rules.reminder_due(sheet.due_at, sheet.reminded_at, work.now):
        for told in sheet.remind(work.now):
            work.emit(told)
    if rules.overdue(sheet.due_at, work.now) and sheet.office_task_id is None:
        work.emit(sheet.tell_office(evaluation))
