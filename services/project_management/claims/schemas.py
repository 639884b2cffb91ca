"""What is asked for and what is shown of a claim."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from services.project_management.claims import rules
from services.project_management.costs.rules import Category
from shared.kernel.schemas import Line, Prose, Schema
from shared.kernel.types import Money


class ItemFields(Schema):
    category: Category
    year: Annotated[int, Field(ge=2000, le=2100)]
    amount: Money
    what: Line


_ITEM: JsonDict = {
    "category": "equipment",
    "year": 2027,
    "amount": {"amount": "120000.00", "currency": "CNY"},
    "what": "Induction furnace",
}
Items = Annotated[list[ItemFields], Field(min_length=1, max_length=rules.MOST_ITEMS)]


class ClaimUpdate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [_ITEM], "note": "Corrected year."}]})

    items: Items
    note: Prose = ""
    document_ids: Annotated[list[UUID], Field(max_length=rules.MOST_RECEIPTS)] = Field(
        default_factory=list, description="Uploaded, clean documents; those handed in before stay with the claim"
    )


class ClaimCreate(ClaimUpdate):
    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [_ITEM], "note": "Invoice attached."}]})

    document_id: UUID | None = Field(default=None, description="One document with the receipts; as `document_ids`")


class ApprovalCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "Receipts complete."}]})

    note: Prose = ""


class ClaimReasonCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The invoice names another project."}]})

    reason: Line


class ItemRead(BaseModel):
    category: Category
    year: int
    amount: str
    what: str


class ReceiptRead(BaseModel):
    id: UUID
    filename: str
    size: int | None
    sha256: str | None
    uploaded_at: datetime


class ClaimRow(BaseModel):
    id: UUID
    version: int
    project_id: UUID
    project_title: str
    number: int
    organisation_id: UUID
    organisation_name: str
    total: Money
    state: rules.State
    submitted_at: datetime


class ClaimList(BaseModel):
    items: list[ClaimRow]


class TrancheRead(BaseModel):
    """The money of an accepted milestone that is not released yet."""

    id: UUID
    number: int
    title: str
    project_id: UUID
    project_title: str
    amount: Money
    due_on: date


class UsedRead(BaseModel):
    """A running project with what its award came to so far."""

    id: UUID
    title: str
    lead_name: str
    ends_on: date | None
    amount: Money
    paid: Money = Field(description="Tranches that were released")
    claimed: Money = Field(description="Claims that wait or are approved")
    approved: Money


class MoneyRead(BaseModel):
    claims: list[ClaimRow] = Field(description="To judge, or returned to be corrected")
    tranches: list[TrancheRead]
    projects: list[UsedRead]


class ClaimRead(ClaimRow):
    items: list[ItemRead]
    note: str
    answer: str
    trace: dict[str, Any] = Field(description="Whether it fits the budget, line by line, when it was let through last")
    receipts: list[ReceiptRead]
    judged_at: datetime | None
