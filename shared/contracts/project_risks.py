"""Facts said by project management about the risks of projects."""

from typing import ClassVar
from uuid import UUID

from shared.contracts.base import Event


class RiskRecorded(Event):
    """Something may happen to a project; likelihood and impact are 1 to 5."""

    type: ClassVar[str] = "hechuan.projects.risk.recorded.v1"
    state: ClassVar[str] = "open"

    project_id: UUID
    number: int
    likelihood: int
    impact: int


class RiskAssessed(Event):
    """It is described or weighed anew."""

    type: ClassVar[str] = "hechuan.projects.risk.assessed.v1"

    project_id: UUID
    likelihood: int
    impact: int
    reason: str = ""


class RiskWatched(Event):
    """Nothing more is done about it than to look at it."""

    type: ClassVar[str] = "hechuan.projects.risk.watched.v1"
    state: ClassVar[str] = "watched"

    project_id: UUID
    reason: str = ""


class RiskReopened(Event):
    type: ClassVar[str] = "hechuan.projects.risk.reopened.v1"
    state: ClassVar[str] = "open"

    project_id: UUID
    reason: str = ""


class RiskOccurred(Event):
    """It has happened."""

    type: ClassVar[str] = "hechuan.projects.risk.occurred.v1"
    state: ClassVar[str] = "occurred"

    project_id: UUID
    reason: str


class RiskClosed(Event):
    type: ClassVar[str] = "hechuan.projects.risk.closed.v1"
    state: ClassVar[str] = "closed"

    project_id: UUID
    reason: str
