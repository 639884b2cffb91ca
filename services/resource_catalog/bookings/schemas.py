"""What is asked for and what is shown of a booking."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from services.resource_catalog.bookings import rules
from shared.kernel.schemas import Line, Schema
from shared.kernel.trace import DecisionTrace
from shared.kernel.types import Money, SecurityLabel

Moment = Annotated[AwareDatetime, AfterValidator(rules.point_in_time)]


class BookingCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "facility_id": "01890a5d-ac96-774b-bcce-b302099a8057",
                    "starts_at": "2027-03-01T09:00:00+08:00",
                    "ends_at": "2027-03-01T11:00:00+08:00",
                    "purpose": "Fatigue test of three specimens",
                }
            ]
        }
    )

    facility_id: UUID
    starts_at: Moment
    ends_at: Moment
    project_id: UUID | None = Field(default=None, description="A running project in which your organisation works")
    purpose: Line


class CancellationCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The specimens are not ready."}]})

    reason: Line


class BookingRead(BaseModel):
    id: UUID
    version: int
    facility_id: UUID
    facility_name: str
    facility_owner_id: UUID
    organisation_id: UUID
    organisation_name: str
    project_id: UUID | None
    project_title: str
    starts_at: datetime
    ends_at: datetime
    purpose: str
    label: SecurityLabel
    charge: Money
    state: rules.State
    state_reason: str
    created_at: datetime


class BookingDetail(BookingRead):
    trace: DecisionTrace


class BookingList(BaseModel):
    items: list[BookingRead]
    next_cursor: str | None


MOMENT = {"type": "string", "format": "date-time"}
SLOT_TAKEN = {
    "allOf": [
        {"$ref": "#/components/schemas/ProblemDetails"},
        {
            "type": "object",
            "properties": {
                "alternatives": {
                    "description": "With code `slot-taken`: at most five free times of the same length, nearest first",
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["starts_at", "ends_at"],
                        "properties": {"starts_at": MOMENT, "ends_at": MOMENT},
                    },
                }
            },
        },
    ]
}
"""The 409 of a booking."""
