"""What is shown of the audit trail."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from shared.kernel.types import SecurityLabel


class EntryRead(BaseModel):
    """One fact of a service as it arrived.

    Of a thing that is still its organisations' alone, a draft or an application to an open call, the title is withheld
    (it says so, and so does `withheld`), and with it owners and content.
    """

    event_id: UUID
    service: str
    type: str
    kind: str
    subject: UUID
    version: int
    title: str
    actor: str
    time: datetime
    label: SecurityLabel
    owners: list[UUID]
    correlation_id: UUID
    causation_id: UUID | None
    hash: str
    withheld: Literal["", "open_call", "draft"]


class EntryDetail(EntryRead):
    data: dict[str, Any]
    previous_hash: str


class EntryList(BaseModel):
    items: list[EntryRead]
    next_cursor: str | None


class ServiceCheck(BaseModel):
    service: str
    count: int | None = Field(description="Entries in the chain; null for a reader who may not see them all")
    ok: bool
    first_broken: int | None = Field(description="The position whose entry was changed, removed or put in")


class Verification(BaseModel):
    ok: bool
    services: list[ServiceCheck]
