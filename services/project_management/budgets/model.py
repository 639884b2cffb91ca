"""The lines of a project's budget as the task book and its amendments fix them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from services.project_management.tables import Base
from shared.db.rows import MoneyAmount

WHOLE = UUID(int=0)
"""In the place of an organisation: the project's as a whole, whoever of it spends."""


class BudgetLine(Base, table=True):
    __tablename__ = "budget_lines"
    __table_args__ = (CheckConstraint("amount > 0", name="budget_lines_amount"),)

    project_id: UUID = Field(primary_key=True, foreign_key="projects.id")
    organisation_id: UUID = Field(default=WHOLE, primary_key=True)
    """Whose line it is."""
    organisation_name: str = ""
    category: str = Field(primary_key=True)
    year: int = Field(primary_key=True)
    amount: Decimal = Field(sa_type=MoneyAmount)

    @classmethod
    def of(cls, project_id: UUID, line: Mapping[str, Any]) -> "BudgetLine":
        """From the text of a task book."""
        whose = line.get("organisation")
        return cls(
            project_id=project_id,
            organisation_id=UUID(whose["id"]) if whose else WHOLE,
            organisation_name=whose["name"] if whose else "",
            category=line["category"],
            year=line["year"],
            amount=Decimal(line["amount"]),
        )

    def promise(self) -> dict[str, Any]:
        """The line in the text of a task book."""
        ref = {"id": str(self.organisation_id), "name": self.organisation_name}
        whose = {} if self.organisation_id == WHOLE else {"organisation": ref}
        return {**whose, "category": self.category, "year": self.year, "amount": str(self.amount)}
