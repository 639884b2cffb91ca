"""What is asked for and what is shown of a financing need."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.finance_matching.needs.rules import State
from services.finance_matching.words import Positive, Security, Stage
from shared.kernel.regions import region
from shared.kernel.schemas import Line, Prose, Schema
from shared.kernel.types import Money, SecurityLabel

Term = Annotated[str, Field(max_length=60, pattern=r"^[^\x00]*$")]
OpenRegion = Annotated[Term, AfterValidator(region)]


class NeedCreate(Schema):
    """Term, field and region may be left open; rules that ask about them then say "not known yet"."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "Working capital for the pilot plant",
                    "purpose": "Moulds, melts and bench time until the second tranche.",
                    "stage": "research",
                    "amount": {"amount": "1500000.00", "currency": "CNY"},
                    "term_months": 24,
                    "security_offered": ["ip_pledge"],
                    "field": "advanced materials",
                    "region": "Chengdu",
                }
            ]
        }
    )

    project_id: UUID | None = Field(default=None, description="A started project in which your organisation takes part")
    title: Line
    purpose: Prose = ""
    stage: Stage
    amount: Positive
    term_months: Annotated[int, Field(ge=1, le=600)] | None = None
    security_offered: list[Security] = Field(default=[], max_length=7)
    field: Term = ""
    region: OpenRegion = ""
    label: SecurityLabel = Field(default=SecurityLabel.INTERNAL, description="Internal or higher")


class NeedWithdrawal(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The second tranche came early."}]})

    reason: Line


class NeedPrefill(BaseModel):
    """Values for known fields; null or empty where nothing is known."""

    project_id: UUID
    title: str
    purpose: str
    stage: Stage
    amount: Money | None
    term_months: int | None
    security_offered: list[Security]
    field: str
    region: str
    label: SecurityLabel


class NeedRead(BaseModel):
    id: UUID
    version: int
    title: str
    purpose: str
    organisation_id: UUID
    organisation_name: str
    project_id: UUID | None
    project_title: str
    stage: Stage
    amount: Money
    term_months: int | None
    security_offered: list[Security]
    field: str
    region: str
    label: SecurityLabel
    state: State
    state_reason: str
    created_at: datetime


class NeedList(BaseModel):
    items: list[NeedRead]
    next_cursor: str | None
