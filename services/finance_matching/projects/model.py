"""Projects as project management told them: who takes part, in what, at which stage, and what was paid."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.finance_matching.tables import Base
from shared.db.rows import Json, MoneyAmount


class Project(Base, table=True):
    """A projection. `started` is false while only the completion was heard; the description comes with the start."""

    __tablename__ = "projects"
    __table_args__ = (
        CheckConstraint("state IN ('running', 'completed', 'terminated')", name="projects_state"),
        CheckConstraint("NOT started OR (amount IS NOT NULL AND stage <> '')", name="projects_started"),
        CheckConstraint("label IN ('public', 'internal', 'controlled', 'confidential')", name="projects_label"),
    )

    id: UUID = Field(primary_key=True)
    version: int
    started: bool
    title: str
    state: str
    label: str
    lead_id: UUID
    lead_name: str
    parties: list[dict[str, Any]] = Field(sa_type=Json)
    """Lead and partners: id and name."""
    field: str = ""
    stage: str = ""
    region: str = ""
    sector: str = ""
    amount: Decimal | None = Field(default=None, sa_type=MoneyAmount)
    currency: str = ""
    ends_on: date | None = None


class PaidTranche(Base, table=True):
    """What the acceptance of a milestone released. It may be heard before its project, so there is no foreign key."""

    __tablename__ = "paid_tranches"
    __table_args__ = (Index("paid_tranches_project", "project_id"),)

    milestone_id: UUID = Field(primary_key=True)
    project_id: UUID
    number: int
    amount: Decimal = Field(sa_type=MoneyAmount)
    currency: str
