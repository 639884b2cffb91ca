"""Writes about changes of a signed task book."""

import json
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from services.project_management.budgets.model import BudgetLine
from services.project_management.budgets.queries import spent_by
from services.project_management.changes import rules
from services.project_management.changes.model import Change
from services.project_management.changes.rules import Kind, State
from services.project_management.changes.schemas import ChangeCreate
from services.project_management.delivery.actions import milestones_of
from services.project_management.delivery.model import Milestone, Project
from services.project_management.delivery.rules import MilestoneState, ProjectState
from services.project_management.delivery.versions import keep_version
from services.project_management.differences import single_differences
from services.project_management.organisations.queries import standings
from services.project_management.rights.actions import agreement_on, lawyers_of
from services.project_management.rights.rules import State as RightsState
from services.project_management.snapshots import canonical
from shared.contracts.base import Event
from shared.db.work import Work, as_json
from shared.kernel.errors import Invalid
from shared.kernel.ids import new_id
from shared.kernel.marks import N_
from shared.kernel.policy import Policy
from shared.kernel.types import SecurityLabel


async def request_change(work: Work, project_id: UUID, fields: ChangeCreate) -> Change:
    """Ask for a change of the task book, with what would differ.

    Raises NotFound, ProjectNotRunning, AnotherChangeWaits, Invalid.
    """
    rules.REQUEST.admits(work.actor)
    project = await work.get(Project, project_id)
    rules.REQUEST.require(work.actor, owners={project.lead_id}, label=SecurityLabel(project.label), thing="project")
    if project.state != ProjectState.RUNNING.value:
        raise rules.ProjectNotRunning(N_("A task book is changed while the project runs."))
    counted = await work.row(
        """SELECT count(*) AS n, coalesce(bool_or(state = 'requested'), false) AS waiting
           FROM project_changes WHERE project_id = %(id)s""",
        {"id": project_id},
    )
    assert counted
    if counted["waiting"]:
        raise rules.AnotherChangeWaits(N_("Wait for the answer to the change that is asked for, or withdraw it first."))
    proposal = fields.model_dump(mode="json", exclude={"kind", "reason"}) | {"joining": await _joining(work, fields)}
    book, new = await _amended(work, project, fields.kind, proposal)
    change = Change(
        id=new_id(),
        project_id=project.id,
        project_title=project.title,
        number=counted["n"] + 1,
        office_id=project.office_id,
        lead_id=project.lead_id,
        parties=sorted(str(one) for one in project.owners),
        label=project.label,
        kind=fields.kind.value,
        reason=fields.reason,
        proposal=proposal,
        differences=[one.row for one in single_differences(book, new)],
        requested_by=work.actor.subject,
        created_at=work.now,
    )
    work.add(change)
    _emit(work, change.requested(work.now))
    return change


async def approve_change(work: Work, change_id: UUID, note: str, version: int | None) -> Change:
    """Amend the task book: a new version with its SHA-256, and everything that follows from it.

    Raises NotFound, Stale, ChangeNotReady, Invalid when it does not fit the task book any more.
    """
    project, change = await _change(work, change_id, rules.JUDGE, version)
    rules.next_state("approve", State(change.state))
    kind = Kind(change.kind)
    book, new = await _amended(work, project, kind, change.proposal)
    newest = await work.row(
        "SELECT coalesce(max(number), 1) AS n FROM task_book_versions WHERE project_id = %(id)s", {"id": project.id}
    )
    assert newest
    project.task_book, project.sha256 = canonical(new)
    signed = [(work.actor.subject, work.now), (change.requested_by, change.created_at)]
    kept = keep_version(work, project, newest["n"] + 1, signed)
    await _follow(work, project, kind, new)
    found = [one.row for one in single_differences(book, new)]
    _emit(work, change.approve(project, kept, found, note, work.actor.subject))
    if kind is Kind.PARTNER:
        await _reopen_rights(work, project)
    return change


async def decline_change(work: Work, change_id: UUID, reason: str, version: int | None) -> Change:
    """Say no, with the reason. Raises NotFound, Stale, ChangeNotReady."""
    _, change = await _change(work, change_id, rules.JUDGE, version)
    _emit(work, change.decline(reason, work.actor.subject, work.now))
    return change


async def withdraw_change(work: Work, change_id: UUID, reason: str, version: int | None) -> Change:
    """Take the request back. Raises NotFound, Stale, ChangeNotReady."""
    _, change = await _change(work, change_id, rules.REQUEST, version)
    _emit(work, change.withdraw(reason))
    return change


async def end_change(work: Work, project_id: UUID, reason: str) -> None:
    """Take back what is asked for about a project that is over; for the features above, which asked their policy."""
    row = await work.row(
        "SELECT id FROM project_changes WHERE project_id = %(id)s AND state = 'requested'", {"id": project_id}
    )
    if row:
        _emit(work, (await work.get(Change, row["id"])).withdraw(reason))


async def _change(work: Work, change_id: UUID, policy: Policy, version: int | None) -> tuple[Project, Change]:
    """A change with its project, the project locked first. Raises NotFound, Stale."""
    policy.admits(work.actor)
    seen = await work.get(Change, change_id, lock=False)
    project = await work.get(Project, seen.project_id)
    change = await work.get(Change, change_id)
    policy.require(
        work.actor,
        owners={change.lead_id},
        parties=project.owners,
        office=change.office_id,
        label=SecurityLabel(change.label),
        thing="change",
    )
    work.must_match(change, version)
    return project, change


async def _joining(work: Work, fields: ChangeCreate) -> list[dict[str, str]]:
    """Who joins, with the name known here. Raises Invalid unless admitted."""
    known = await standings(work, fields.joining)
    found = []
    for n, id in enumerate(dict.fromkeys(fields.joining)):
        one = known.get(id)
        if one is None or one.state != "admitted" or one.admitted_until is None or one.admitted_until <= work.now:
            raise Invalid.field(f"/joining/{n}", N_("Only an admitted organisation can join."))
        found.append({"id": str(id), "name": one.name})
    return found


async def _amended(
    work: Work, project: Project, kind: Kind, proposal: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The task book as it stands and as it would read. Raises Invalid."""
    book = json.loads(project.task_book)
    accepted = {
        one.number for one in await milestones_of(work, project.id) if one.state == MilestoneState.ACCEPTED.value
    }
    claimed = await spent_by(work, project.id)
    faults = rules.faults(book, kind, proposal, accepted=accepted, claimed=claimed)
    if faults:
        raise Invalid(
            N_("Correct the marked entries and send them again."),
            errors=[{"pointer": pointer, "detail": detail} for pointer, detail in faults],
        )
    return book, rules.amended(book, kind, proposal)


async def _follow(work: Work, project: Project, kind: Kind, new: dict[str, Any]) -> None:
    """The rows say what the task book says."""
    if kind in (Kind.SCOPE, Kind.TIME):
        project.ends_on = date.fromisoformat(new["ends_on"])
        said = {one["number"]: one for one in new["milestones"]}
        for milestone in await milestones_of(work, project.id):
            _take_over(milestone, said[milestone.number])
    elif kind is Kind.BUDGET:
        await work.execute("DELETE FROM budget_lines WHERE project_id = %(id)s", {"id": project.id})
        for one in new["budget"]:
            work.add(BudgetLine.of(project.id, one))
    elif kind is Kind.PARTNER:
        project.partners = new["partners"]
        # The features above keep a project's parties beside what they made: who left reads and writes it no more.
        known = {"id": project.id, "parties": as_json(sorted(str(one) for one in project.owners))}
        await work.execute("UPDATE project_risks SET parties = %(parties)s WHERE project_id = %(id)s", known)
        await work.execute(
            """UPDATE progress_reports SET parties = %(parties)s
               WHERE project_id = %(id)s AND state IN ('planned', 'open', 'returned')""",
            known,
        )


def _take_over(milestone: Milestone, said: dict[str, Any]) -> None:
    milestone.title, milestone.deliverable = said["title"], said["deliverable"]
    milestone.test, milestone.due_on = said.get("test", ""), date.fromisoformat(said["due_on"])


async def _reopen_rights(work: Work, project: Project) -> None:
    """Other organisations, another agreement: it is opened again; what was signed stays in force until then."""
    agreement = await agreement_on(work, project.application_id)
    if agreement is None:
        return
    agreement.partners = project.partners
    if agreement.state != RightsState.DRAFT.value:
        reason = N_("The partners of the project have changed.")
        _emit(work, agreement.reopen(work.now, reason, await lawyers_of(work, agreement)))


def _emit(work: Work, facts: Iterable[Event]) -> None:
    for fact in facts:
        work.emit(fact)
