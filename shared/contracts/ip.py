"""Facts said by the IP registry."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.contracts import base
from shared.contracts.base import Event
from shared.kernel.types import OrgRef, Share


class HolderShare(BaseModel):
    """Which exact part of an asset an organisation holds."""

    model_config = ConfigDict(frozen=True)

    holder: OrgRef
    share: Share


class InventionDisclosed(Event):
    type: ClassVar[str] = "hechuan.ip.disclosure.filed.v1"
    state: ClassVar[str] = "filed"

    organisation: OrgRef
    inventors: tuple[str, ...]
    inventor_ids: tuple[UUID | None, ...] = ()
    """Whom the catalogue knows of them, in the same order; empty in facts from before it was told."""
    project_id: UUID | None = None


class DisclosureTriaged(Event):
    type: ClassVar[str] = "hechuan.ip.disclosure.triaged.v1"
    state: ClassVar[str] = "triaged"

    outcome: Literal["protect", "keep_secret", "publish", "release"]
    reason: str


class AssetRegistered(Event):
    """An asset has its dossier; the shares sum to one."""

    type: ClassVar[str] = "hechuan.ip.asset.registered.v1"
    state: ClassVar[str] = "registered"

    kind: str
    office: str | None = None
    application_number: str | None = None
    filed_on: date | None = None
    project_id: UUID | None = None
    disclosure_id: UUID | None = None
    shares: tuple[HolderShare, ...]


class DeadlineMissed(Event):
    """A due date passed with its grace; who lends against the asset must know."""

    type: ClassVar[str] = "hechuan.ip.asset.deadline_missed.v1"

    rule: str
    due_on: date


class PatentsImported(Event):
    """A batch of patent records from a public source was taken in; `id` is the batch."""

    type: ClassVar[str] = "hechuan.ip.import.finished.v1"
    state: ClassVar[str] = "finished"

    source: str
    accepted: int
    unchanged: int
    refused: int


class TaskAssigned(base.TaskAssigned):
    type: ClassVar[str] = "hechuan.ip.task.assigned.v1"


class TaskDone(base.TaskDone):
    type: ClassVar[str] = "hechuan.ip.task.done.v1"


class DeadlineMet(Event):
    """What a deadline asked for was done in time."""

    type: ClassVar[str] = "hechuan.ip.asset.deadline_met.v1"

    rule: str
    due_on: date
    note: str
