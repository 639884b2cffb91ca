"""What is asked for and what is shown of a facility."""

from datetime import date, datetime, time
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, WithJsonSchema, field_validator

from services.resource_catalog.facilities import rules
from shared.kernel.regions import Region
from shared.kernel.schemas import Line, Prose, Schema
from shared.kernel.types import Money, SecurityLabel


def _minute(at: time) -> time:
    if at.second or at.microsecond or at.tzinfo:
        raise ValueError("write a time of day such as 08:00, in the facility's own zone")
    return at


def _price(price: Money) -> Money:
    if price.amount < 0:
        raise ValueError("a price is zero or more")
    return price


# JSON Schema's own format "time" (RFC 3339) asks for an offset; hours of a facility are in its own zone.
CLOCK = WithJsonSchema({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d(:00)?$", "examples": ["08:00"]})
TimeOfDay = Annotated[time, AfterValidator(_minute), CLOCK]
Price = Annotated[Money, AfterValidator(_price)]
Day = Annotated[date, AfterValidator(rules.calendar_day)]


Plain = Annotated[str, Field(max_length=300, pattern=r"^[^\x00]*$")]
Technique = Annotated[Plain, Field(description="What it does, in a line")]
SlotMinutes = Annotated[int, Field(ge=15, le=720, description="Bookings begin and end on this grid")]
MaxHours = Annotated[int, Field(ge=1, le=24, description="The longest booking")]
LeadMinutes = Annotated[int, Field(ge=0, le=43_200, description="How long before it begins a use is booked")]
Horizon = Annotated[int, Field(ge=1, le=730, description="How many days ahead it takes bookings for")]


class FacilityCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Large vibration table",
                    "name_zh": "大型振动台",
                    "kind": "test_centre",
                    "technique": "Three-axis vibration to 2,000 Hz",
                    "region": "Mianyang",
                    "summary": "Takes specimens up to 3 tonnes. An operator is included.",
                    "opens_at": "08:00",
                    "closes_at": "20:00",
                    "slot_minutes": 60,
                    "max_hours": 8,
                    "label": "public",
                    "price": {"amount": "1200.00", "currency": "CNY"},
                }
            ]
        }
    )

    name: Line
    name_zh: Plain = ""
    kind: rules.Kind
    technique: Technique = ""
    region: Region
    summary: Prose = ""
    opens_at: TimeOfDay
    closes_at: TimeOfDay
    slot_minutes: SlotMinutes = Field(default=60, validate_default=True)
    max_hours: MaxHours = Field(default=8, validate_default=True)
    lead_minutes: LeadMinutes = 60
    horizon_days: Horizon = rules.DEFAULT_HORIZON
    label: SecurityLabel = SecurityLabel.PUBLIC
    price: Price = Field(description="For one hour")
    organisation_id: UUID | None = Field(default=None, description="Absent: the organisation you act for")

    @field_validator("closes_at")
    @classmethod
    def _closes_later(cls, closes_at: time, info: ValidationInfo) -> time:
        if "opens_at" in info.data:
            rules.open_minutes(info.data["opens_at"], closes_at)
        return closes_at

    @field_validator("slot_minutes")
    @classmethod
    def _fits_day(cls, slot_minutes: int, info: ValidationInfo) -> int:
        if "opens_at" in info.data and "closes_at" in info.data:
            rules.fits_day(slot_minutes, info.data["opens_at"], info.data["closes_at"])
        return slot_minutes

    @field_validator("max_hours")
    @classmethod
    def _fits_slot(cls, max_hours: int, info: ValidationInfo) -> int:
        if "slot_minutes" in info.data:
            rules.fits_slot(max_hours, info.data["slot_minutes"])
        return max_hours


class FacilityChange(Schema):
    """What is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"closes_at": "18:00", "max_hours": 4}]})

    name: Line | None = None
    name_zh: Plain | None = None
    kind: rules.Kind | None = None
    technique: Technique | None = None
    region: Region | None = None
    summary: Prose | None = None
    opens_at: TimeOfDay | None = None
    closes_at: TimeOfDay | None = None
    slot_minutes: SlotMinutes | None = None
    max_hours: MaxHours | None = None
    lead_minutes: LeadMinutes | None = None
    horizon_days: Horizon | None = None
    label: SecurityLabel | None = None
    price: Price | None = None


class FacilityRead(BaseModel):
    id: UUID
    version: int
    name: str
    name_zh: str
    kind: rules.Kind
    technique: str
    region: str
    summary: str
    organisation_id: UUID
    organisation_name: str
    opens_at: Annotated[time, CLOCK]
    closes_at: Annotated[time, CLOCK]
    zone: str
    slot_minutes: int
    max_hours: int
    lead_minutes: int
    horizon_days: int
    price: Money
    label: SecurityLabel
    state: rules.State
    created_at: datetime


class FacilityList(BaseModel):
    items: list[FacilityRead]
    next_cursor: str | None


class Slot(BaseModel):
    """One step of the grid. A slot somebody else has booked says no more than that."""

    starts_at: datetime
    ends_at: datetime
    state: Literal["free", "taken", "past", "later"]
    booking_id: UUID | None = Field(description="Only where the booking is your organisation's or your facility's")


class DayOfSlots(BaseModel):
    facility_id: UUID
    day: date
    zone: str
    slots: list[Slot]
