"""What is asked for and what is shown of an asset."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from services.ip_registry.assets import rules
from services.ip_registry.disclosures.schemas import Inventor, InventorRead, whole
from shared.kernel.marks import N_
from shared.kernel.schemas import Line, Schema
from shared.kernel.types import SecurityLabel, Share

Office = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$"), Field(description="Office, two letters, WIPO ST.3")]


class HolderFields(Schema):
    organisation_id: UUID
    share: Share


class AssetFields(Schema):
    title: Line
    kind: rules.Kind
    office: Office | None = None
    application_number: Annotated[str, StringConstraints(min_length=1, max_length=60)] | None = None
    filed_on: date | None = None
    disclosure_id: UUID | None = None
    shares: list[HolderFields] = Field(min_length=1, max_length=50)
    inventors: list[Inventor] = Field(min_length=1, max_length=50)
    label: SecurityLabel = SecurityLabel.INTERNAL

    @field_validator("shares")
    @classmethod
    def _each_once(cls, shares: list[HolderFields]) -> list[HolderFields]:
        if len({holder.organisation_id for holder in shares}) != len(shares):
            raise ValueError(N_("An organisation is named twice. Add its shares together."))
        return whole(shares)

    @field_validator("inventors")
    @classmethod
    def _whole(cls, inventors: list[Inventor]) -> list[Inventor]:
        return whole(inventors)


class AssetCreate(AssetFields):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "Pulsed cooling of melts",
                    "kind": "patent",
                    "office": "CN",
                    "application_number": "202610012345.1",
                    "filed_on": "2026-03-02",
                    "shares": [{"organisation_id": "01920000-0000-7000-8000-000000000000", "share": "1/1"}],
                    "inventors": [{"name": "Zhao Min", "share": "1/1"}],
                }
            ]
        }
    )


class HolderRead(BaseModel):
    organisation_id: UUID
    name: str
    share: str
    from_on: date


class AssetRead(BaseModel):
    id: UUID
    version: int
    title: str
    kind: rules.Kind
    office: str | None
    application_number: str | None
    filed_on: date | None
    project_id: UUID | None
    disclosure_id: UUID | None
    label: SecurityLabel
    state: str
    inventors: list[InventorRead]
    shares: list[HolderRead]
    created_at: datetime


class AssetList(BaseModel):
    items: list[AssetRead]
    next_cursor: str | None
