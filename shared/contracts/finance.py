"""Facts said by technology-finance matching."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from shared.contracts import base
from shared.contracts.base import Event
from shared.kernel.types import Amount, Currency, OrgRef


class ProductDrafted(Event):
    """A finance partner describes an instrument; only that partner sees it yet."""

    type: ClassVar[str] = "hechuan.finance.product.drafted.v1"
    state: ClassVar[str] = "draft"

    institution: OrgRef
    kind: str


class ProductEdited(Event):
    type: ClassVar[str] = "hechuan.finance.product.edited.v1"

    changed: tuple[str, ...]


class ProductPublished(Event):
    type: ClassVar[str] = "hechuan.finance.product.published.v1"
    state: ClassVar[str] = "published"

    institution: OrgRef
    kind: str
    valid_until: datetime


class ProductWithdrawn(Event):
    """The product is offered no longer; its matches that nobody took up fall away."""

    type: ClassVar[str] = "hechuan.finance.product.withdrawn.v1"
    state: ClassVar[str] = "withdrawn"

    institution: OrgRef
    reason: str


class NeedDrafted(Event):
    """A need for money is being written down; only its organisation sees it."""

    type: ClassVar[str] = "hechuan.finance.need.drafted.v1"
    state: ClassVar[str] = "draft"

    organisation: OrgRef
    project_id: UUID | None = None


class NeedChanged(Event):
    """The need asks for something else now; an open one is matched again."""

    type: ClassVar[str] = "hechuan.finance.need.changed.v1"

    changed: tuple[str, ...]


class NeedOpened(Event):
    """An organisation looks for money for a project or for itself."""

    type: ClassVar[str] = "hechuan.finance.need.opened.v1"
    state: ClassVar[str] = "open"

    organisation: OrgRef
    project_id: UUID | None = None
    stage: Literal["research", "design_finalisation", "production"]
    amount: Amount
    currency: Currency


class NeedWithdrawn(Event):
    type: ClassVar[str] = "hechuan.finance.need.withdrawn.v1"
    state: ClassVar[str] = "withdrawn"

    organisation: OrgRef
    reason: str


class MatchFound(Event):
    """A product fits a need so far as is known; `score` in 0..100 orders, it does not promise."""

    type: ClassVar[str] = "hechuan.finance.match.found.v1"
    state: ClassVar[str] = "found"

    need_id: UUID
    product_id: UUID
    outcome: Literal["yes", "unknown", "no"]
    score: int


class MatchWithdrawn(Event):
    type: ClassVar[str] = "hechuan.finance.match.withdrawn.v1"
    state: ClassVar[str] = "withdrawn"

    need_id: UUID
    product_id: UUID
    reason: str


class InterestExpressed(Event):
    type: ClassVar[str] = "hechuan.finance.match.interest_expressed.v1"
    state: ClassVar[str] = "interest expressed"

    need_id: UUID
    product_id: UUID
    institution: OrgRef
    side: Literal["partner", "applicant"]
    note: str


class TaskAssigned(base.TaskAssigned):
    type: ClassVar[str] = "hechuan.finance.task.assigned.v1"


class TaskDone(base.TaskDone):
    type: ClassVar[str] = "hechuan.finance.task.done.v1"
