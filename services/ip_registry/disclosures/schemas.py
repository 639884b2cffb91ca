"""What is asked for and what is shown of a disclosure."""

from datetime import datetime
from fractions import Fraction
from typing import Protocol, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator

from services.ip_registry.disclosures import rules
from shared.kernel.schemas import Line, Prose, Schema
from shared.kernel.types import SecurityLabel, Share


class Inventor(Schema):
    """A person who contributed to the conception, with the exact part agreed among the inventors."""

    name: Line
    person_id: UUID | None = None
    share: Share


class Shared(Protocol):
    """Who has an exact share."""

    @property
    def share(self) -> Fraction: ...


Sharer = TypeVar("Sharer", bound=Shared)


def whole(sharers: list[Sharer]) -> list[Sharer]:
    """The same list. Raises ValueError unless the shares are positive and sum to one."""
    if fault := rules.shares_fault([sharer.share for sharer in sharers]):
        raise ValueError(fault)
    return sharers


class DisclosureFields(Schema):
    title: Line
    abstract: Prose = Field(min_length=1, description="What is new, and what it is good for")
    project_id: UUID | None = Field(default=None, description="The project it arose from, if any")
    inventors: list[Inventor] = Field(min_length=1, max_length=50)
    funding: Prose = Field(default="", description="Who paid for the work")
    label: SecurityLabel = SecurityLabel.INTERNAL

    @field_validator("inventors")
    @classmethod
    def _whole(cls, inventors: list[Inventor]) -> list[Inventor]:
        return whole(inventors)


class DisclosureCreate(DisclosureFields):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "Pulsed cooling of melts",
                    "abstract": "A jet pulsed in step with the solidification front.",
                    "inventors": [{"name": "Zhao Min", "share": "3/5"}, {"name": "Sun Jie", "share": "2/5"}],
                }
            ]
        }
    )


class TriageCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"outcome": "protect", "reason": "Novel over the two nearest patents."}]}
    )

    outcome: rules.Outcome
    reason: Line


class InventorRead(BaseModel):
    name: str
    person_id: UUID | None
    share: str


class DisclosureRead(BaseModel):
    id: UUID
    version: int
    title: str
    abstract: str
    organisation_id: UUID
    organisation_name: str
    project_id: UUID | None
    project_title: str
    inventors: list[InventorRead]
    funding: str
    label: SecurityLabel
    state: rules.State
    outcome: rules.Outcome | None
    reason: str
    created_at: datetime


class DisclosureList(BaseModel):
    items: list[DisclosureRead]
    next_cursor: str | None
