"""What eligibility needs to know of an organisation."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """An organisation as the catalogue last described it here. `state` is registered, admitted or suspended."""

    id: str
    name: str
    kind: str
    region: str
    sector: str
    credit: str
    """poor, fair or good; empty while nobody has rated it."""
    state: str
    admitted_until: datetime | None
