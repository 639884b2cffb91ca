"""The lines of a project's budget as the task book and its amendments fix them."""

from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from services.project_management.tables import Base
from shared.db.rows import MoneyAmount


class BudgetLine(Base, table=True):
    __tablename__ = "budget_lines"
    __table_args__ = (CheckConstraint("amount > 0", name="budget_lines_amount"),)

    project_id: UUID = Field(primary_key=True, foreign_key="projects.id")
    category: str = Field(primary_key=True)
    year: int = Field(primary_key=True)
    amount: Decimal = Field(sa_type=MoneyAmount)
