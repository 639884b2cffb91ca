"""Wordings of a task book that were not signed by both, each kept as it was."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field

from services.project_management.delivery.model import Project
from services.project_management.delivery.rules import ProjectState, Side, project_after
from services.project_management.tables import Base
from shared.contracts.base import Event, ThingRef
from shared.contracts.project_delivery import TaskBookReturned
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.db.rows import Json, UtcDateTime
from shared.kernel.ids import new_id
from shared.kernel.marks import S_
from shared.kernel.types import Role


class TaskBookDraft(Base, table=True):
    """A wording that another one followed. Version 1 of the signed task book is none of them."""

    __tablename__ = "task_book_drafts"

    project_id: UUID = Field(primary_key=True, foreign_key="projects.id")
    number: int = Field(primary_key=True)
    content: str
    """The canonical JSON that `sha256` was taken of."""
    sha256: str
    signatures: list[dict[str, str]] = Field(default_factory=list, sa_type=Json)
    """[{"side": …, "subject": …, "at": …}] that fell with it."""
    returned_by: str | None = None
    reason: str = ""
    """Why it was returned; empty where it was worded anew without that."""
    until: datetime = Field(sa_type=UtcDateTime)


def send_back(project: Project, side: Side, reason: str) -> list[Event]:
    """`side` does not sign it as it is: signatures fall, and the other side is asked to correct it."""
    project.state = project_after("return", ProjectState(project.state)).value
    done = fallen(project, "returned")
    fact = TaskBookReturned(version=project.touch(), side=side.value, reason=reason, **project.frame())
    return [fact, *done, _correct(project, side)]


def fallen(project: Project, outcome: str) -> list[Event]:
    """No signature stands any more, and nobody is asked for one."""
    done = [_over(project, id, outcome) for id in (project.office_task_id, project.lead_task_id) if id]
    project.office_task_id = project.lead_task_id = None
    project.office_signed_by = project.lead_signed_by = None
    project.office_signed_at = project.lead_signed_at = None
    return list(done)


def _correct(project: Project, returned_by: Side) -> TaskAssigned:
    lead = returned_by is Side.OFFICE
    task_id = new_id()
    if lead:
        project.lead_task_id = task_id
    else:
        project.office_task_id = task_id
    return TaskAssigned(
        **_frame(project, task_id, 1, project.correcting),
        role=Role.APPLICANT if lead else Role.PROGRAMME_OFFICER,
        organisation_id=project.lead_id if lead else project.office_id,
        kind="project.correct",
        url=f"/projects/projects/{project.id}/task-book/edit",
        about=project.ref,
    )


def _over(project: Project, task_id: UUID, outcome: str) -> TaskDone:
    title = (
        project.correcting
        if project.state == ProjectState.RETURNED.value and outcome != "returned"
        else S_("Sign the task book of “%(title)s”", title=project.title)
    )
    return TaskDone(**_frame(project, task_id, 2, title), outcome=outcome)


def _frame(project: Project, task_id: UUID, version: int, title: str) -> dict[str, Any]:
    return project.frame() | {
        "id": task_id,
        "version": version,
        "title": title,
        "arises_from": (ThingRef(kind="project", id=project.id),),
    }
