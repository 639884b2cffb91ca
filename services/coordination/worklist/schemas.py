"""What is shown of a task."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.coordination.worklist.rules import Urgency
from shared.kernel.types import Role, SecurityLabel


class TaskRead(BaseModel):
    """`subject` is set when the task is for one person, `role` when it is for whoever holds the role."""

    id: UUID
    service: str
    kind: str
    title: str
    url: str
    subject: str | None
    role: Role | None
    organisation_id: UUID | None
    about_kind: str
    about_id: UUID
    label: SecurityLabel
    assigned_at: datetime
    due_at: datetime | None
    urgency: Urgency


class Worklist(BaseModel):
    items: list[TaskRead]
    next_cursor: str | None
