"""What is asked for and what is shown of partners that left."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.project_management.applications.schemas import Requested
from services.project_management.departures.rules import State
from shared.kernel.schemas import Line, Prose, Schema
from shared.kernel.trace import DecisionTrace
from shared.kernel.types import Money


class LeavingCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Our test rig was sold."}]})

    reason: Line = Field(description="The lead, the other partners and the programme office read it")


class SuccessorCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"partner_id": "01970000-0000-7000-8000-000000000001", "how": "It has the same test rig."}]
        }
    )

    partner_id: UUID = Field(description="The organisation that is asked to take the part")
    how: Prose = Field(default="", description="What it would do; it reads this before it answers")


class TakeoverCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"how": "We test on our own rig."}]})

    how: Line = Field(description="How the lead does the part itself")
    requested: Requested | None = Field(default=None, description="If less is asked for from now on; never more")


class SuccessorAnswerCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"decision": "consent", "reason": ""}]})

    decision: Literal["consent", "refuse"]
    reason: Annotated[str, Field(max_length=300, description="Must be given when it refuses")] = ""


class DepartureRead(BaseModel):
    """What was withheld from the asker is empty: who left, and who is asked, read no more than concerns them."""

    id: UUID
    version: int
    application_id: UUID
    organisation_id: UUID
    name: str
    reason: str
    left_at: datetime
    state: State | None = Field(description="None for who left: what became of the part is no longer its business")
    due_at: datetime | None
    successor_id: UUID | None
    successor_name: str
    how: str
    sha256: str | None = Field(description="Of the record of who takes part since")
    trace: DecisionTrace | None = Field(description="Eligibility without the partner, or with its successor")


class DepartureList(BaseModel):
    application_id: UUID
    title: str
    requested: Money
    items: list[DepartureRead]
