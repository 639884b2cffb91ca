"""What is asked for and what is shown of a risk."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from services.project_management.delivery.schemas import Day
from services.project_management.risks import rules
from shared.kernel.schemas import Line, Prose, Schema

Step = Annotated[int, Field(ge=1, le=5)]
_EXAMPLE: dict[str, JsonValue] = {
    "title": "The furnace comes late",
    "cause": "One supplier only",
    "effect": "The pilot melt moves by three months",
    "likelihood": 4,
    "impact": 3,
    "response": "reduce",
    "measure": "Rent time on the university's furnace",
    "owner": "Zhao Min",
    "due_on": "2027-05-31",
}


class RiskCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    title: Line
    cause: Prose = ""
    effect: Prose = ""
    likelihood: Step = Field(description="1 rare (below 10 %) to 5 almost certain (above 80 %)")
    impact: Step = Field(description="1 negligible to 5 the project does not reach its aim")
    response: rules.Response
    measure: Prose = Field(default="", description="What is done about it")
    owner: Line = Field(description="Who looks after it, by name")
    due_on: Day | None = Field(default=None, description="By when it is done")


class RiskUpdate(RiskCreate):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{**_EXAMPLE, "likelihood": 2, "reason": "It is ordered."}]}
    )

    reason: Annotated[str, Field(max_length=300, description="Why it is weighed anew")] = ""


class RiskNoteCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The second supplier has signed."}]})

    reason: Annotated[str, Field(max_length=300)] = ""


class RiskReasonCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The furnace was lost in transport."}]})

    reason: Line


class WeightRead(BaseModel):
    at: datetime
    likelihood: int
    impact: int


class RiskRead(BaseModel):
    id: UUID
    version: int
    project_id: UUID
    project_title: str
    number: int
    title: str
    cause: str
    effect: str
    likelihood: int
    impact: int
    level: rules.Level
    response: rules.Response
    measure: str
    owner: str
    due_on: date | None
    state: rules.State
    past: list[WeightRead]
    created_at: datetime


class RiskList(BaseModel):
    scale: str = Field(description="The standard that the scale follows")
    items: list[RiskRead]
