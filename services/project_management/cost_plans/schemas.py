"""What is asked for and what is shown of an application's budget by lines."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.project_management.calls.schemas import BudgetTerms
from services.project_management.costs.rules import MOST_LINES, Category
from shared.kernel.schemas import Schema
from shared.kernel.trace import Clause
from shared.kernel.types import Money

Part = Annotated[Decimal, Field(max_digits=16, decimal_places=2)]


class LineFields(Schema):
    """What is not right yet is kept, and said among the clauses."""

    category: Category
    year: Annotated[int, Field(ge=1, le=99, description="Year of the project, the first is 1")]
    requested: Part = Field(default=Decimal(0), description="What is asked for, in the application's currency")
    own: Part = Field(default=Decimal(0), description="What the organisation brings itself")


class LinesUpdate(Schema):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "lines": [
                        {"category": "equipment", "year": 1, "requested": "900000.00", "own": "100000.00"},
                        {"category": "staff", "year": 2, "requested": "300000.00"},
                    ]
                }
            ]
        }
    )

    lines: Annotated[list[LineFields], Field(max_length=MOST_LINES)]


class LineRead(BaseModel):
    category: str
    year: str
    requested: str
    own: str


class PartRead(BaseModel):
    """What one organisation needs."""

    organisation_id: UUID
    name: str
    version: int = Field(description="Of this part; 0 before it was saved first")
    saved_by: str | None
    saved_at: datetime | None
    may_write: bool
    lines: list[LineRead]


class CostPlanRead(BaseModel):
    application_id: UUID
    requested: Money
    terms: BudgetTerms
    live: bool = Field(description="As it is being written; otherwise as it was handed in")
    parts: list[PartRead]
    clauses: list[Clause] = Field(description="Whether the lines keep to the call's terms, and what would help")
