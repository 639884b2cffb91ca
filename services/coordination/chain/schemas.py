"""What is shown of a causal chain."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from shared.kernel.types import SecurityLabel


class ThingRead(BaseModel):
    """A thing as its newest fact shows it; `layer` counts the steps from its farthest origin in this chain."""

    kind: str
    id: UUID
    service: str
    title: str
    state: str
    label: SecurityLabel
    version: int
    at: datetime
    url: str
    layer: int


class LinkRead(BaseModel):
    """`to` arose from `from`."""

    from_kind: str
    from_id: UUID
    to_kind: str
    to_id: UUID


class RootRead(BaseModel):
    kind: str
    id: UUID


class ChainRead(BaseModel):
    """`root` is the thing all began with; `truncated` says that the chain goes on beyond what is listed."""

    things: list[ThingRead]
    links: list[LinkRead]
    root: RootRead | None
    truncated: bool
