"""What an import sends and what is shown of an earlier project."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from services.project_management.earlier_projects import rules
from shared.kernel.batches import Batch
from shared.kernel.schemas import Line, Prose, Schema, Word
from shared.kernel.types import Amount, Currency


def _in_reach(value: date) -> date:
    if not 1900 <= value.year <= 2100:
        raise ValueError("use a date between the years 1900 and 2100")
    return value


def _not_negative(value: Amount) -> Amount:
    if value < 0:
        raise ValueError("an amount cannot be negative")
    return value


Day = Annotated[date, AfterValidator(_in_reach)]
Paid = Annotated[Amount, AfterValidator(_not_negative)]
Short = Annotated[str, StringConstraints(max_length=300, strip_whitespace=True)]


class EarlierProjectRow(Schema):
    """One record of a batch."""

    number: Word
    title: Annotated[str, StringConstraints(min_length=1, max_length=1000, strip_whitespace=True)]
    abstract: Prose = ""
    institution: Short = ""
    people: Annotated[list[Line], Field(max_length=200)] = Field(default_factory=list)
    amount: Paid | None = None
    currency: Currency | None = None
    starts_on: Day | None = None
    ends_on: Day | None = None
    programme: Short = ""
    grade: Annotated[str, StringConstraints(max_length=60, strip_whitespace=True)] = ""
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z]{2,8})?$")] = "en"

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.amount is not None and self.currency is None:
            raise ValueError("Say in which currency the amount is.")
        fault = rules.dates_fault(self.starts_on, self.ends_on)
        if fault:
            raise ValueError(fault)
        return self


class EarlierProjectBatch(Batch):
    """Up to 500 records of one source. Each is taken or refused by itself; sending a batch again changes nothing.

    A row holds number, title, and where known abstract, institution, people, amount (as text) with currency,
    starts_on, ends_on, programme, grade and language.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "source": "City science plan 2020",
                    "rows": [
                        {
                            "number": "2020-0417",
                            "title": "Magnesium sheet rolling",
                            "institution": "Chengdu Institute of Light Alloys",
                            "people": ["Zhao Lin"],
                            "amount": "800000.00",
                            "currency": "CNY",
                            "starts_on": "2020-01-01",
                            "ends_on": "2022-12-31",
                            "language": "en",
                        }
                    ],
                }
            ]
        }
    )


class EarlierProjectSummary(BaseModel):
    id: UUID
    source: str
    number: str
    title: str
    institution: str
    people: list[str]
    amount: Amount | None
    currency: str | None
    starts_on: date | None
    ends_on: date | None
    programme: str
    grade: str
    language: str


class EarlierProjectRead(EarlierProjectSummary):
    abstract: str
    imported_at: datetime


class EarlierProjectList(BaseModel):
    items: list[EarlierProjectSummary]
    next_cursor: str | None
