"""What is asked for and what is shown of what people keep."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.project_management.calls.rules import OrganisationKind, Phase
from shared.kernel.schemas import Schema, Word

Amount = Annotated[Decimal | None, Field(ge=0, max_digits=16, decimal_places=2)]


class SearchCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Light alloys", "search": "alloy", "phase": ["open"], "alert": True}]}
    )

    name: Word = Field(description="Saved under this name before, it is replaced")
    search: Annotated[str, Field(max_length=200, description="A part of the title, as in the list of calls")] = ""
    phase: Annotated[list[Phase], Field(max_length=10, description="Empty means any")] = Field(default_factory=list)
    field: Annotated[list[Word], Field(max_length=20)] = Field(default_factory=list)
    region: Annotated[list[Word], Field(max_length=20, description="Calls that address it, or every region")] = Field(
        default_factory=list
    )
    kind: Annotated[list[OrganisationKind], Field(max_length=5, description="That may lead an application")] = Field(
        default_factory=list
    )
    soon: Annotated[list[Literal["opening", "closing"]], Field(max_length=2, description="Within 14 days")] = Field(
        default_factory=list
    )
    ceiling_from: Amount = None
    ceiling_to: Annotated[Amount, Field(description="Below it")] = None
    alert: bool = Field(default=False, description="Tell me of each new call that matches")

    def filters(self) -> dict[str, Any]:
        """What it asks beside a part of the title and states, as it is kept: only what is asked."""
        asked = {
            "fields": self.field,
            "regions": self.region,
            "kinds": [one.value for one in self.kind],
            "soon": self.soon,
            "ceiling_from": None if self.ceiling_from is None else str(self.ceiling_from),
            "ceiling_to": None if self.ceiling_to is None else str(self.ceiling_to),
        }
        return {name: value for name, value in asked.items() if value}


class SavedCallRead(BaseModel):
    call_id: UUID
    title: str
    title_zh: str
    phase: Phase
    closes_at: datetime
    saved_at: datetime
    news: str = Field(description="The task that waits: changed, closing, cancelled; empty when nothing is new")


class SavedSearchRead(BaseModel):
    id: UUID
    name: str
    search: str
    phases: list[Phase]
    fields: list[str] = Field(default_factory=list)
    regions: list[str] = Field(default_factory=list)
    kinds: list[OrganisationKind] = Field(default_factory=list)
    soon: list[Literal["opening", "closing"]] = Field(default_factory=list)
    ceiling_from: Decimal | None = None
    ceiling_to: Decimal | None = None
    alert: bool
    news: str


class SavedList(BaseModel):
    calls: list[SavedCallRead]
    searches: list[SavedSearchRead]
