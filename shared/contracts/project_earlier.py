"""What project management said in words that it has changed since: a hearer still meets it in the stream."""

from datetime import datetime
from typing import ClassVar

from shared.contracts.base import Event
from shared.kernel.types import Amount, Currency


class CallReleasedV1(Event):
    """As it was said before it told the Chinese title."""

    type: ClassVar[str] = "hechuan.projects.call.released.v1"
    state: ClassVar[str] = "released"

    call_version: int
    field: str
    budget: Amount
    currency: Currency
    opens_at: datetime
    closes_at: datetime
    sha256: str


class CallAmendedV1(Event):
    """As it was said before it told the Chinese title."""

    type: ClassVar[str] = "hechuan.projects.call.amended.v1"

    call_version: int
    changed: tuple[str, ...]
    closes_at: datetime
    sha256: str
    reason: str
