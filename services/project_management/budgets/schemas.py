"""What is asked for and what is shown of a budget."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from services.project_management.budgets import rules
from services.project_management.costs.rules import Category
from shared.kernel.schemas import Schema
from shared.kernel.types import Money


class BudgetLineFields(Schema):
    organisation_id: UUID | None = Field(
        default=None, description="Whose line it is; for none of them, any organisation of the project spends them"
    )
    category: Category
    year: Annotated[int, Field(ge=2000, le=2100)]
    amount: Money


Budget = Annotated[
    list[BudgetLineFields],
    Field(max_length=rules.MOST_LINES, description="By organisation, category and year; the lines add up to the award"),
]


class BudgetLineRead(BaseModel):
    organisation_id: UUID | None = Field(description="Whose line it is; null for the project's as a whole")
    organisation_name: str
    category: Category
    year: int
    amount: Money
    claimed: Money = Field(description="In claims that are handed in or approved")
    approved: Money
    left: Money


class BudgetRead(BaseModel):
    project_id: UUID
    amount: Money
    lines: list[BudgetLineRead]
