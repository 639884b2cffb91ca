"""What is asked for and what is shown of a product."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from services.finance_matching.products.eligibility import KNOWN
from services.finance_matching.products.rules import Kind, State
from services.finance_matching.words import Lines, Positive, Regions, Security, Stage, Words
from shared.kernel.marks import N_
from shared.kernel.schemas import Line, Prose, Schema
from shared.kernel.types import Money, SecurityLabel

Months = Annotated[int, Field(ge=1, le=600)]
Remark = Annotated[str, Field(max_length=300, pattern=r"^[^\x00]*$")]


class ProductFields(Schema):
    title: Line
    title_zh: Remark = ""
    kind: Kind
    stages: list[Stage] = Field(min_length=1, max_length=3)
    min: Positive
    max: Positive
    term_months_min: Months
    term_months_max: Months
    price: Remark = Field(default="", description="What it costs, in words")
    regions: Regions = Field(default=[], description="Regions served; empty: every region")
    fields: Words = Field(default=[], description="Fields of work served; empty: every field")
    security_required: list[Security] = Field(default=[], max_length=7)
    valid_until: AwareDatetime
    rules: Lines = Field(default=[], description=f"Eligibility rules in CEL, all of which must hold, over {KNOWN}")
    terms: Prose = ""
    label: SecurityLabel = SecurityLabel.PUBLIC

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min.currency != self.max.currency:
            raise ValueError(N_("give the smallest and the largest amount in the same currency"))
        if self.min.amount > self.max.amount:
            raise ValueError(N_("the smallest amount is above the largest; swap or correct them"))
        if self.term_months_min > self.term_months_max:
            raise ValueError(N_("the shortest term is above the longest; swap or correct them"))
        return self


class ProductCreate(ProductFields):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "IP pledge loan",
                    "title_zh": "知识产权质押贷款",
                    "kind": "bank_credit",
                    "stages": ["design_finalisation", "production"],
                    "min": {"amount": "1000000.00", "currency": "CNY"},
                    "max": {"amount": "10000000.00", "currency": "CNY"},
                    "term_months_min": 12,
                    "term_months_max": 36,
                    "price": "LPR + 0.6 % a year",
                    "regions": ["Chengdu", "Chongqing"],
                    "fields": [],
                    "security_required": ["ip_pledge"],
                    "valid_until": "2040-01-01T00:00:00Z",
                    "rules": ["need.has_project || organisation.kind == 'company'"],
                    "terms": "Against a registered IP asset.",
                }
            ]
        }
    )


class ProductWithdrawal(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The year's quota is used up."}]})

    reason: Line


class ProductRead(BaseModel):
    id: UUID
    version: int
    title: str
    title_zh: str
    kind: Kind
    institution_id: UUID
    institution_name: str
    stages: list[Stage]
    min: Money
    max: Money
    term_months_min: int
    term_months_max: int
    price: str
    regions: list[str]
    fields: list[str]
    security_required: list[Security]
    valid_until: datetime
    rules: list[str]
    terms: str
    label: SecurityLabel
    state: State
    state_reason: str
    created_at: datetime


class ProductList(BaseModel):
    items: list[ProductRead]
    next_cursor: str | None
