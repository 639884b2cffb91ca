"""What a call gives people to do: to sign it, to release it, to find its reviewers."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field

from services.project_management.calls import rules
from services.project_management.tables import Aggregate
from shared.contracts.base import ThingRef
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.db.rows import UtcDateTime
from shared.kernel.ids import new_id
from shared.kernel.marks import S_
from shared.kernel.types import Role, SecurityLabel


class Duties(Aggregate):
    """The part of a call that its tasks need; the row is `Call`."""

    title: str
    label: str
    organisation_id: UUID
    """The programme office that drafts, releases and decides it."""
    opens_at: datetime = Field(sa_type=UtcDateTime)
    released_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    signoff_task_id: UUID | None = None
    release_task_id: UUID | None = None
    assignment_task_id: UUID | None = None
    conclusion_task_id: UUID | None = None

    def signoff_due(self, step: Mapping[str, Any], hands: Collection[str], now: datetime) -> TaskAssigned:
        """The office of this step is to sign, or to return the draft; not the `hands`, who drafted or signed it."""
        self.signoff_task_id, here = new_id(), f"/projects/calls/{self.id}"
        place = UUID(step["organisation_id"]) if step.get("organisation_id") else None
        return self._task(
            self.signoff_task_id, "call.signoff", self._signing, Role(step["role"]), here, place, hands, now
        )

    def signoff_done(self, outcome: str) -> TaskDone | None:
        """The open sign-off task is over; None when there is none."""
        if self.signoff_task_id is None:
            return None
        task_id, self.signoff_task_id = self.signoff_task_id, None
        return self._done(task_id, self._signing, outcome)

    def release_due(self, now: datetime) -> TaskAssigned:
        """The office is to release what was signed off."""
        self.release_task_id, here = new_id(), f"/projects/calls/{self.id}"
        officers = (Role.PROGRAMME_OFFICER, here, self.organisation_id)
        return self._task(self.release_task_id, "call.release", self._releasing, *officers, now=now)

    def release_done(self, outcome: str) -> TaskDone | None:
        """The release is no longer waited for; None when it was not."""
        if self.release_task_id is None:
            return None
        task_id, self.release_task_id = self.release_task_id, None
        return self._done(task_id, self._releasing, outcome)

    def assignment_due(self) -> TaskAssigned:
        """The office is to find reviewers for what was submitted."""
        self.assignment_task_id = new_id()
        return self._task(
            self.assignment_task_id,
            "call.assign",
            self._assigning,
            Role.PROGRAMME_OFFICER,
            f"/projects/calls/{self.id}/assignment",
            self.organisation_id,
        )

    def assignment_done(self, outcome: str) -> TaskDone | None:
        """The first assignment is no longer waited for; None when it was not."""
        if self.assignment_task_id is None:
            return None
        task_id, self.assignment_task_id = self.assignment_task_id, None
        return self._done(task_id, self._assigning, outcome)

    def conclusion_due(self) -> TaskAssigned:
        """Nobody applied, or nobody is left: the office is to close it without an award."""
        self.conclusion_task_id, here = new_id(), f"/projects/calls/{self.id}"
        officers = (Role.PROGRAMME_OFFICER, here, self.organisation_id)
        return self._task(self.conclusion_task_id, "call.conclude", self._concluding, *officers)

    def conclusion_done(self, outcome: str) -> TaskDone | None:
        """It is not waited for any more; None when it was not."""
        if self.conclusion_task_id is None:
            return None
        task_id, self.conclusion_task_id = self.conclusion_task_id, None
        return self._done(task_id, self._concluding, outcome)

    @property
    def ref(self) -> ThingRef:
        return ThingRef(kind="call", id=self.id)

    @property
    def _signing(self) -> str:
        return S_("Sign off the call “%(title)s”", title=self.title)

    @property
    def _releasing(self) -> str:
        return S_("Release the call “%(title)s”", title=self.title)

    @property
    def _concluding(self) -> str:
        return S_("Close the call “%(title)s” without an award: nobody takes part", title=self.title)

    @property
    def _assigning(self) -> str:
        return S_("Assign reviewers in the call “%(title)s”", title=self.title)

    def _task(
        self,
        task_id: UUID,
        kind: str,
        title: str,
        role: Role,
        url: str,
        organisation_id: UUID | None = None,
        hands: Collection[str] = (),
        now: datetime | None = None,
    ) -> TaskAssigned:
        """With `now` it is due before the call opens; where that has passed, no time is told: it would be born late."""
        return TaskAssigned(
            id=task_id,
            version=1,
            title=title,
            label=rules.draft_label(SecurityLabel(self.label)),
            owners=(self.organisation_id,),
            arises_from=(self.ref,),
            role=role,
            organisation_id=organisation_id,
            except_for=tuple(sorted(hands)),
            kind=kind,
            url=url,
            due_at=self.opens_at if now and self.opens_at > now else None,
            about=self.ref,
        )

    def _done(self, task_id: UUID, title: str, outcome: str) -> TaskDone:
        return TaskDone(
            id=task_id,
            version=2,
            title=title,
            label=rules.draft_label(SecurityLabel(self.label)),
            owners=(self.organisation_id,),
            arises_from=(self.ref,),
            outcome=outcome,
        )

    def _frame(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.title,
            "label": SecurityLabel(self.label),
            "owners": (self.organisation_id,),
        }

    def _seen_frame(self) -> dict[str, Any]:
        return self._frame() if self.released_at else self._draft_frame()

    def _draft_frame(self) -> dict[str, Any]:
        return self._frame() | {"label": rules.draft_label(SecurityLabel(self.label))}
