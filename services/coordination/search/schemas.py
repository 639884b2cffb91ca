"""What a search across the services answers."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from shared.kernel.types import SecurityLabel


class HitRead(BaseModel):
    id: UUID
    service: str
    title: str
    state: str
    label: SecurityLabel
    at: datetime
    url: str
    chain_url: str


class GroupRead(BaseModel):
    """The best of one kind; `count` is how many the caller may see."""

    kind: str
    count: int
    items: list[HitRead]


class SearchRead(BaseModel):
    q: str
    total: int
    groups: list[GroupRead]
