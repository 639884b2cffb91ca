"""What is asked for when requirements are adopted: a call, of which they give what they can."""

from fractions import Fraction
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.project_management.calls.rules import Stage
from services.project_management.calls.schemas import (
    BudgetTerms,
    CallRead,
    Criteria,
    Field_,
    Floor,
    Kinds,
    Moment,
    Regions,
    Reviewers,
    TitleZh,
)
from shared.kernel.schemas import Line, Prose, Schema
from shared.kernel.types import Money, SecurityLabel


class AdoptionCreate(Schema):
    """What is left out comes from the requirements."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "requirement_ids": ["01920000-0000-7000-8000-000000000001"],
                    "reason": "First in the joint plan.",
                    "budget": {"amount": "6000000.00", "currency": "CNY"},
                    "ceiling": {"amount": "3000000.00", "currency": "CNY"},
                    "opens_at": "2026-01-10T00:00:00Z",
                    "closes_at": "2099-03-31T09:00:00Z",
                }
            ]
        }
    )

    requirement_ids: Annotated[list[UUID], Field(min_length=1, max_length=50)]
    reason: Annotated[str, Field(max_length=300, description="Read by whoever asked")] = ""
    title: Line | None = None
    title_zh: TitleZh | None = None
    summary: Prose | None = None
    field: Field_ | None = None
    stage: Stage | None = None
    budget: Money
    ceiling: Money = Field(description="The most that one award can be")
    opens_at: Moment
    closes_at: Moment
    kinds: Kinds = Field(default_factory=list)
    regions: Regions = Field(default_factory=list)
    reviewers_per_application: Reviewers = 2
    criteria: Criteria | None = None
    budget_terms: BudgetTerms = Field(default_factory=BudgetTerms)
    inventor_floor: Floor = Fraction(1, 2)
    label: SecurityLabel | None = Field(default=None, description="Not below the highest of the requirements' labels")


class AdoptionRead(BaseModel):
    """The call, which keeps where it came from."""

    call: CallRead
    requirement_ids: list[UUID]
