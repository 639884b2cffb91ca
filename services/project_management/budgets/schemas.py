"""What is asked for and what is shown of a budget."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from services.project_management.budgets import rules
from shared.kernel.schemas import Schema
from shared.kernel.types import Money


class BudgetLineFields(Schema):
    category: rules.Category
    year: Annotated[int, Field(ge=2000, le=2100)]
    amount: Money


Budget = Annotated[
    list[BudgetLineFields],
    Field(max_length=rules.MOST_LINES, description="By category and year; the lines add up to the award"),
]


class BudgetLineRead(BaseModel):
    category: rules.Category
    year: int
    amount: Money
    claimed: Money = Field(description="In claims that are handed in or approved")
    approved: Money
    left: Money


class BudgetRead(BaseModel):
    project_id: UUID
    amount: Money
    lines: list[BudgetLineRead]
