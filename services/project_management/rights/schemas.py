"""What is asked for and what is shown of an agreement."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.project_management.rights import rules
from shared.kernel.schemas import Line, Prose, Schema
from shared.kernel.types import Share


class PartyFields(Schema):
    organisation_id: UUID
    ownership: Share = Field(description="Of the results; all parties' shares sum to one")
    income: Share = Field(description="Of the income that is left after the inventors' part; they sum to one")


class InventorFields(Schema):
    name: Line
    organisation_id: UUID
    share: Share = Field(description="Of the inventors' part; all inventors' shares sum to one")


class TermsUpdate(Schema):
    """The whole of the terms; it may be incomplete until it is put before the parties."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "parties": [
                        {
                            "organisation_id": "0198a000-0000-7000-8000-000000000003",
                            "ownership": "3/5",
                            "income": "1/2",
                        },
                        {
                            "organisation_id": "0198a000-0000-7000-8000-000000000004",
                            "ownership": "2/5",
                            "income": "1/2",
                        },
                    ],
                    "inventor_share": "1/2",
                    "inventors": [
                        {
                            "name": "Zhao Min",
                            "organisation_id": "0198a000-0000-7000-8000-000000000003",
                            "share": "2/3",
                        },
                        {
                            "name": "Sun Jie",
                            "organisation_id": "0198a000-0000-7000-8000-000000000004",
                            "share": "1/3",
                        },
                    ],
                    "disposal": "joint",
                    "exploitation": "all",
                    "exploitation_terms": "Each party in its own products; licences to others jointly.",
                    "publication_days": 30,
                    "publication_terms": "Raw process parameters are not published.",
                }
            ]
        }
    )

    parties: Annotated[list[PartyFields], Field(min_length=1, max_length=50)]
    inventor_share: Share = Field(description="Part of the income that goes to the inventors together")
    inventors: Annotated[list[InventorFields], Field(max_length=100)] = Field(default_factory=list)
    disposal: rules.Disposal
    exploitation: rules.Exploitation
    exploitation_terms: Prose = ""
    publication_days: Annotated[int, Field(ge=0, le=365)] = Field(
        default=30, description="Days before a publication in which the other parties may object"
    )
    publication_terms: Prose = ""


class PartySignatureCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{}]})

    organisation_id: UUID | None = Field(
        default=None, description="Needed only by somebody who may sign for several parties"
    )


class PartyRefusalCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Our part of the income is too small."}]})

    organisation_id: UUID | None = None
    reason: Line


class ReopeningCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "A new inventor has joined the work."}]})

    reason: Line


class AgreementSignatureRead(BaseModel):
    organisation_id: UUID
    name: str
    subject: str | None
    signed_at: datetime | None


class EntitlementRead(BaseModel):
    kind: str
    name: str
    share: str = Field(description="Exact part of the whole income")


class AgreementRead(BaseModel):
    id: UUID
    version: int
    application_id: UUID
    title: str
    call_title: str
    lead_id: UUID
    lead_name: str
    office_id: UUID
    state: rules.State
    state_reason: str
    inventor_floor: str
    terms: dict[str, Any]
    number: int = Field(description="Of the version put before the parties last; 0: none yet")
    in_force: int | None = Field(description="Number of the version that all have signed last")
    sha256: str
    signatures: list[AgreementSignatureRead]
    entitlements: list[EntitlementRead]
    trace: dict[str, Any] = Field(description="Whether the terms are sound as they stand, clause by clause")
    created_at: datetime


class AgreementRow(BaseModel):
    id: UUID
    version: int
    title: str
    call_title: str
    lead_id: UUID
    lead_name: str
    state: rules.State
    number: int = Field(description="Of the version put before the parties last; 0: none yet")
    in_force: int | None = Field(description="Number of the version that all have signed last")
    parties: int
    signed: int = Field(description="Parties that have signed the version put before them last")
    waits: list[rules.Waiting] = Field(description="What it waits for from whoever asks")
    created_at: datetime


class AgreementList(BaseModel):
    items: list[AgreementRow]
    next_cursor: str | None


class DifferenceRead(BaseModel):
    what: str
    before: str
    after: str


class AgreementVersionRow(BaseModel):
    number: int
    sha256: str
    proposed_at: datetime
    agreed_at: datetime | None
    paper: str | None = Field(description="Number of its paper, once all have signed; anybody can check it")


class AgreementVersionList(BaseModel):
    items: list[AgreementVersionRow] = Field(description="Newest first")


class AgreementVersionRead(BaseModel):
    agreement_id: UUID
    number: int
    content: dict[str, Any]
    sha256: str
    proposed_by: str
    proposed_at: datetime
    agreed_at: datetime | None
    signatures: list[AgreementSignatureRead]
    paper: str | None = Field(description="Number of its paper, once all have signed; anybody can check it")
    differences: list[DifferenceRead] = Field(description="From the version before it")
