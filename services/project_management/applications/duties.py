"""What an application gives people to do: to check it, to read what its call changed, to complete it, to hand it in."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlmodel import Field

from services.project_management.applications import rules
from services.project_management.tables import Aggregate
from shared.contracts.base import ThingRef
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.db.rows import UtcDateTime
from shared.kernel.ids import new_id
from shared.kernel.marks import S_
from shared.kernel.types import Role, SecurityLabel

if TYPE_CHECKING:
    from services.project_management.applications.model import Partner


class Duties(Aggregate):
    """The part of an application that its tasks need; the row is `Application`."""

    call_id: UUID = Field(foreign_key="calls.id")
    call_title: str
    title: str
    label: str
    lead_id: UUID
    state: str = rules.State.DRAFT.value
    changes_task_id: UUID | None = None
    return_due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    completion_task_id: UUID | None = None
    check_task_id: UUID | None = None
    touched: bool = Field(default=True, sa_column_kwargs={"server_default": "false"})
    """Something of the draft changed since the clock looked whether its lead could hand it in."""
    hand_in_task_id: UUID | None = None
    hand_in_due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    hand_in_remind_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    def touch(self) -> int:
        self.touched = self.state == rules.State.DRAFT.value
        return super().touch()

    @property
    def ref(self) -> ThingRef:
        return ThingRef(kind="application", id=self.id)

    def owners(self, partners: "Sequence[Partner]") -> frozenset[UUID]:
        """The organisations that may see it: the lead and everybody asked to take part who has not left."""
        return frozenset({self.lead_id, *(one.organisation_id for one in partners if one.left_at is None)})

    def ask_for_check(self, partners: "Sequence[Partner]", office_id: UUID, due_at: datetime) -> TaskAssigned:
        """The programme office is asked to look whether the submission is complete."""
        self.check_task_id = new_id()
        return TaskAssigned(
            **self._task(self.check_task_id, 1, S_("Check the application “%(title)s”", title=self.title), partners),
            role=Role.PROGRAMME_OFFICER,
            organisation_id=office_id,
            kind="application.check",
            url=f"/projects/applications/{self.id}",
            due_at=due_at,
            about=self.ref,
        )

    def check_done(self, partners: "Sequence[Partner]", outcome: str) -> TaskDone | None:
        """The open check is over, done or overtaken; None when there is none."""
        if self.check_task_id is None:
            return None
        task_id, self.check_task_id = self.check_task_id, None
        return TaskDone(
            outcome=outcome,
            **self._task(task_id, 2, S_("Check the application “%(title)s”", title=self.title), partners),
        )

    def tell_changes(self, partners: "Sequence[Partner]", due_at: datetime) -> TaskAssigned:
        """The call has a newer version than the one it was written for: its lead is to read what changed."""
        self.changes_task_id = new_id()
        return TaskAssigned(
            **self._task(
                self.changes_task_id,
                1,
                S_("Read what changed in the call “%(title)s”", title=self.call_title),
                partners,
            ),
            role=Role.APPLICANT,
            organisation_id=self.lead_id,
            kind="application.call_changes",
            url=f"/projects/applications/{self.id}/call-changes",
            due_at=due_at,
            about=self.ref,
        )

    def changes_done(self, partners: "Sequence[Partner]", outcome: str) -> TaskDone | None:
        """The changes were read, or matter no more; None when nobody was told of any."""
        if self.changes_task_id is None:
            return None
        task_id, self.changes_task_id = self.changes_task_id, None
        return TaskDone(
            outcome=outcome,
            **self._task(task_id, 2, S_("Read what changed in the call “%(title)s”", title=self.call_title), partners),
        )

    def completion_done(self, partners: "Sequence[Partner]", outcome: str) -> TaskDone | None:
        """Nothing is to be completed any more; None when nothing was."""
        if self.completion_task_id is None:
            return None
        task_id, self.completion_task_id = self.completion_task_id, None
        self.return_due_at = None
        return TaskDone(
            outcome=outcome,
            **self._task(task_id, 2, S_("Complete the application “%(title)s”", title=self.title), partners),
        )

    def hand_in_due(
        self, partners: "Sequence[Partner]", closes_at: datetime, now: datetime, *, again: bool = False
    ) -> TaskAssigned:
        """Everybody has agreed and nothing is missing: its lead hands it in before the call closes."""
        self.hand_in_task_id, self.hand_in_due_at = new_id(), closes_at
        self.hand_in_remind_at = rules.next_reminder(closes_at, now)
        return TaskAssigned(
            **self._task(self.hand_in_task_id, 1, self._reminder if again else self._handing_in, partners),
            role=Role.APPLICANT,
            organisation_id=self.lead_id,
            kind="application.hand_in",
            url=f"/projects/applications/{self.id}",
            due_at=closes_at,
            about=self.ref,
        )

    def hand_in_done(self, partners: "Sequence[Partner]", outcome: str) -> TaskDone | None:
        """It was handed in, or cannot be any more; None when nobody was asked to."""
        if self.hand_in_task_id is None:
            return None
        task_id, self.hand_in_task_id = self.hand_in_task_id, None
        self.hand_in_due_at = self.hand_in_remind_at = None
        return TaskDone(outcome=outcome, **self._task(task_id, 2, self._handing_in, partners))

    def overtaken(self, partners: "Sequence[Partner]", outcome: str) -> list[TaskDone]:
        """What its lead was asked for while it wrote: over when it is handed in or taken back."""
        found = [one(partners, outcome) for one in (self.changes_done, self.completion_done, self.hand_in_done)]
        return [one for one in found if one]

    @property
    def _handing_in(self) -> str:
        return S_("Hand in the application “%(title)s”: it is complete", title=self.title)

    @property
    def _reminder(self) -> str:
        return S_("Reminder: hand in the application “%(title)s”, the call closes soon", title=self.title)

    def frame(self, partners: "Sequence[Partner]") -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.title,
            "label": SecurityLabel(self.label),
            "owners": tuple(sorted(self.owners(partners))),
            "arises_from": (ThingRef(kind="call", id=self.call_id),),
        }

    def _task(self, task_id: UUID, version: int, title: str, partners: "Sequence[Partner]") -> dict[str, Any]:
        return self.frame(partners) | {
            "id": task_id,
            "version": version,
            "title": title,
            "arises_from": (self.ref,),
        }
