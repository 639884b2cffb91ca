"""What is asked for and what is shown of an organisation."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from services.resource_catalog.organisations import rules
from shared.kernel.batches import Batch, ImportRow
from shared.kernel.regions import Region
from shared.kernel.schemas import Line, Schema
from shared.kernel.types import Sector

CreditCode = Annotated[str, AfterValidator(rules.credit_code), Field(max_length=40)]


class OrganisationFields(Schema):
    name: Line = Field(description="Full registered name, in Latin script where there is one")
    name_zh: Annotated[str, Field(max_length=300, description="Name in Chinese")] = ""
    kind: rules.Kind
    sector: Sector = Sector.CIVIL
    region: Region = Field(description="City or province, as the catalogue writes it")
    credit_code: CreditCode | None = Field(default=None, description="Unified social credit code, GB 32100-2015")


class OrganisationCreate(OrganisationFields):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Chengdu Institute of Light Alloys",
                    "name_zh": "成都轻合金研究所",
                    "kind": "institute",
                    "sector": "civil",
                    "region": "Chengdu",
                }
            ]
        }
    )


class OrganisationCorrection(OrganisationFields):
    """Everything as it should read, with the reason that its members and the audit read."""

    reason: Line


class OrganisationChange(Schema):
    """What is left out stays as it is."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"region": "Mianyang", "reason": "The seat was entered wrongly."}]}
    )

    name: Line | None = None
    name_zh: Annotated[str, Field(max_length=300)] | None = None
    kind: rules.Kind | None = None
    sector: Sector | None = None
    region: Region | None = None
    credit_code: CreditCode | None = None
    reason: Line


class OrganisationRow(ImportRow):
    """One organisation of an import. Without a number, name and region together say which one it is."""

    name_zh: Annotated[str, Field(max_length=300)] = ""
    kind: rules.Kind = rules.Kind.COMPANY
    sector: Sector = Sector.CIVIL
    region: Region
    credit_code: CreditCode | None = None


class OrganisationBatch(Batch):
    """Rows as in `OrganisationRow`: number, name, name_zh, kind, sector, region, credit_code."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "source": "sbir",
                    "rows": [{"number": "C-1017", "name": "Acme Optics", "kind": "company", "region": "Dayton"}],
                }
            ]
        }
    )


class AdmissionCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"valid_until": "2028-12-31T00:00:00Z", "reason": "Evidence complete."}]}
    )

    valid_until: AwareDatetime
    reason: Line


class SuspensionCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Licence expired on 1 March."}]})

    reason: Line


class OrganisationRead(BaseModel):
    id: UUID
    version: int
    name: str
    name_zh: str
    kind: rules.Kind
    sector: Sector
    region: str
    credit_code: str | None
    state: rules.State
    admitted_until: datetime | None
    state_reason: str
    source: str | None
    source_number: str | None
    created_at: datetime


class OrganisationList(BaseModel):
    items: list[OrganisationRead]
    next_cursor: str | None
