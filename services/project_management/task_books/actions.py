"""Writes about task books that are not signed by both sides yet."""

import json
from collections.abc import Iterable
from uuid import UUID

from services.project_management.delivery.actions import project_for, promises_of, require_sound, rows_of
from services.project_management.delivery.model import Project
from services.project_management.delivery.rules import ProjectState, Side, project_after, sides
from services.project_management.task_books import rules
from services.project_management.task_books.model import TaskBookDraft, fallen, send_back
from services.project_management.task_books.schemas import TaskBookUpdate
from shared.contracts.base import Event
from shared.db.work import Work
from shared.kernel.policy import Policy
from shared.kernel.types import Role


async def return_task_book(work: Work, project_id: UUID, reason: str, version: int | None) -> Project:
    """Say why the task book is not signed as it is; signatures fall, and the other side corrects it.

    Raises NotFound, Stale, ProjectNotReady.
    """
    project = await _project(work, project_id, rules.SIGN, version)
    project_after("return", ProjectState(project.state))
    may = sides(
        officer=rules.SIGN.in_charge(work.actor, project.office_id, project.owners),
        lead=project.lead_id in work.actor.organisations(Role.REPRESENTATIVE),
    )
    await _keep(work, project, reason, work.actor.subject)
    _emit(work, send_back(project, may[0], reason))
    return project


async def redraw_task_book(work: Work, project_id: UUID, fields: TaskBookUpdate, version: int | None) -> Project:
    """Word it anew before both have signed; the former wording is kept, and both sides are asked again.

    Raises NotFound, Stale, ProjectNotReady, Invalid, NothingDiffers.
    """
    project = await _project(work, project_id, rules.DRAFT, version)
    after = project_after("redraw", ProjectState(project.state))
    require_sound(fields, project.amount_amount, project.amount_currency, {str(one) for one in project.owners})
    returned = project.state == ProjectState.RETURNED.value
    before = json.loads(project.task_book)
    if not returned:
        await _keep(work, project, "", None)
    _emit(work, fallen(project, "worded anew"))
    project.starts_on, project.ends_on = fields.starts_on, fields.ends_on
    milestones, lines = rows_of(project, fields, work.now)
    project.state = after.value
    project.touch()
    kept = before.get("people", []) if fields.people is None else [one.model_dump() for one in fields.people]
    promises = before.get("indicators", []) if fields.indicators is None else promises_of(fields)
    said = project.draw_up(milestones, lines, {"people": kept, "indicators": promises})
    rules.require_different(before, json.loads(project.task_book), returned=returned)
    # Nothing has come of the old rows: their tasks begin with the project.
    await work.execute("DELETE FROM milestones WHERE project_id = %(id)s", {"id": project.id})
    await work.execute("DELETE FROM budget_lines WHERE project_id = %(id)s", {"id": project.id})
    for row in (*milestones, *lines):
        work.add(row)
    _emit(work, said)
    return project


async def _keep(work: Work, project: Project, reason: str, returned_by: str | None) -> None:
    counted = await work.row("SELECT count(*) AS n FROM task_book_drafts WHERE project_id = %(id)s", {"id": project.id})
    signed = [(Side.OFFICE, project.office_signed_by, project.office_signed_at)]
    signed += [(Side.LEAD, project.lead_signed_by, project.lead_signed_at)]
    work.add(
        TaskBookDraft(
            project_id=project.id,
            number=(counted["n"] if counted else 0) + 1,
            content=project.task_book,
            sha256=project.sha256,
            signatures=[
                {"side": side.value, "subject": who, "at": at.isoformat()} for side, who, at in signed if who and at
            ],
            returned_by=returned_by,
            reason=reason,
            until=work.now,
        )
    )


async def _project(work: Work, project_id: UUID, policy: Policy, version: int | None) -> Project:
    """The project, locked, if the policy allows it. Raises NotFound, Stale."""
    project = await project_for(work, project_id, policy)
    work.must_match(project, version)
    return project


def _emit(work: Work, facts: Iterable[Event]) -> None:
    for fact in facts:
        work.emit(fact)
