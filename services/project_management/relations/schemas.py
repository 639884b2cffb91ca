"""What is asked for and what is shown of a declared relation."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.project_management.relations import rules
from services.project_management.teams.rules import contact
from shared.kernel.marks import N_
from shared.kernel.schemas import Line, Schema


def _orcid(value: str) -> str:
    found = contact(value) if value else ("", "")
    if found is None or (value and not found[0]):
        raise ValueError(N_("write an ORCID iD such as 0000-0002-1825-0097"))
    return found[0]


class RelationCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "supervised",
                    "name": "Liu Fang",
                    "orcid": "0000-0002-1825-0097",
                    "since": "2012-09-01",
                    "until": "2016-06-30",
                }
            ]
        }
    )

    kind: rules.Kind = Field(description="What you are to the other: supervised, supervised_by or close")
    name: Line = Field(description="The other person")
    orcid: Annotated[str, Field(max_length=60), AfterValidator(_orcid)] = ""
    organisation_id: UUID | None = Field(
        default=None, description="Where the other person works; tells namesakes apart"
    )
    since: date | None = None
    until: date | None = Field(default=None, description="Empty where it lasts")
    note: Annotated[str, Field(max_length=300)] = ""


class RelationRead(BaseModel):
    id: UUID
    kind: rules.Kind
    name: str
    orcid: str
    organisation_id: UUID | None
    since: date | None
    until: date | None
    note: str
    declared_at: datetime


class RelationList(BaseModel):
    items: list[RelationRead]
