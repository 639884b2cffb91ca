"""Facts said by project management: what organisations ask research to solve."""

from typing import ClassVar, Literal
from uuid import UUID

from shared.contracts.base import Event
from shared.contracts.projects import Stage
from shared.kernel.types import OrgRef


class RequirementPutForward(Event):
    """An organisation asks research to solve something. Before this a requirement is its organisation's alone."""

    type: ClassVar[str] = "hechuan.projects.requirement.put_forward.v1"
    state: ClassVar[str] = "put_forward"

    by: OrgRef
    field: str
    stage: Stage
    urgency: Literal["long_term", "medium_term", "short_term", "immediate"]
    sha256: str


class RequirementReturned(Event):
    """The programme office asks its organisation to complete it."""

    type: ClassVar[str] = "hechuan.projects.requirement.returned.v1"
    state: ClassVar[str] = "returned"

    reason: str


class RequirementConsulted(Event):
    """Experts are asked what they think of it. It names none of them."""

    type: ClassVar[str] = "hechuan.projects.requirement.consulted.v1"
    state: ClassVar[str] = "in_consultation"


class RequirementPrioritised(Event):
    type: ClassVar[str] = "hechuan.projects.requirement.prioritised.v1"
    state: ClassVar[str] = "prioritised"

    priority: Literal["high", "medium", "low"]
    reason: str = ""


class RequirementAdopted(Event):
    """A call is drafted from it."""

    type: ClassVar[str] = "hechuan.projects.requirement.adopted.v1"
    state: ClassVar[str] = "adopted"

    call_id: UUID
    reason: str = ""


class RequirementDeclined(Event):
    type: ClassVar[str] = "hechuan.projects.requirement.declined.v1"
    state: ClassVar[str] = "declined"

    reason: str


class RequirementMerged(Event):
    """It is followed up in another requirement, `into_id`."""

    type: ClassVar[str] = "hechuan.projects.requirement.merged.v1"
    state: ClassVar[str] = "merged"

    into_id: UUID
    reason: str


class RequirementWidened(Event):
    """Others were merged into it; `arises_from` names them."""

    type: ClassVar[str] = "hechuan.projects.requirement.widened.v1"


class RequirementWithdrawn(Event):
    type: ClassVar[str] = "hechuan.projects.requirement.withdrawn.v1"
    state: ClassVar[str] = "withdrawn"

    reason: str
