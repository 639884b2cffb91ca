"""What is asked for and what is shown of the people of an application."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.project_management.teams import rules
from shared.kernel.schemas import Line, Schema

Key = Annotated[str, StringConstraints(max_length=300)]
Months = Annotated[Decimal, Field(ge=0, le=rules.MOST_MONTHS, decimal_places=1, description="Person-months")]
Short = Annotated[str, StringConstraints(max_length=300)]


class MemberFields(Schema):
    person: Key = Field(default="", description="A key of the choices; empty for somebody the platform does not know")
    name: Short = Field(default="", description="Of somebody the platform does not know")
    contact: Short = Field(default="", description="Their e-mail address or ORCID iD")
    organisation_id: UUID = Field(description="The lead or a partner")
    part: Line = Field(description="What the person does in it")
    months: Months = Decimal(0)


class TeamUpdate(Schema):
    """All people of the application; who is not named is taken off."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "leader": "",
                    "leader_part": "Metallurgy",
                    "leader_months": "6",
                    "members": [
                        {
                            "name": "Liu Fang",
                            "contact": "liu.fang@example.org",
                            "organisation_id": "0197e000-0000-7000-8000-000000000001",
                            "part": "Fatigue tests",
                            "months": "12",
                        }
                    ],
                }
            ]
        }
    )

    leader: Key = Field(default="", description="A key of the choices; empty for whoever drafted the application")
    leader_part: Short = ""
    leader_months: Months = Decimal(0)
    members: Annotated[list[MemberFields], Field(max_length=rules.MOST_MEMBERS)] = Field(default_factory=list)


class DepartureCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "I have no time for it next year."}]})

    reason: Line


class ChoiceRead(BaseModel):
    key: str
    name: str
    name_zh: str
    organisation_id: UUID
    signs_in: bool = Field(description="Only who signs in can lead")


class MemberRead(BaseModel):
    id: UUID
    role: rules.Role
    key: str = Field(description="As in the choices; empty for somebody the platform does not know")
    name: str
    contact: str = Field(description="For the lead alone")
    organisation_id: UUID
    organisation_name: str
    part: str
    months: Decimal
    state: rules.State
    reason: str = Field(description="Why the person took the name off")
    answered_at: datetime | None


class TeamRead(BaseModel):
    version: int = Field(description="The application's")
    people: list[MemberRead]
    choices: list[ChoiceRead] = Field(description="Whom its lead can pick, while it is a draft")


class PartRead(BaseModel):
    """Where you are named."""

    id: UUID
    version: int
    application_id: UUID
    title: str
    call_title: str
    lead_name: str
    organisation_name: str
    role: rules.Role
    part: str
    months: Decimal
    state: rules.State
    reason: str
    answered_at: datetime | None


class PartList(BaseModel):
    items: list[PartRead]
