"""What an import sends and what is shown of a patent record."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from services.ip_registry.patents import rules
from shared.kernel.batches import Batch
from shared.kernel.schemas import Line, Prose, Schema

Short = Annotated[str, StringConstraints(max_length=300, strip_whitespace=True)]
Number = Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]
Names = Annotated[list[Line], Field(max_length=200)]
Day = Annotated[date, Field(ge=rules.EARLIEST)]


class PatentRow(Schema):
    """One record. `number` is the source's own publication, grant or application number, unique within the source."""

    number: Number
    title: Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]
    abstract: Prose = ""
    office: Annotated[str, StringConstraints(max_length=10)] = ""
    kind: Annotated[str, StringConstraints(max_length=20)] = ""
    application_number: Short = ""
    filed_on: Day | None = None
    published_on: Day | None = None
    granted_on: Day | None = None
    priority: Short = ""
    applicants: Names = []
    inventors: Names = []
    ipc: Annotated[list[Annotated[str, AfterValidator(rules.ipc_symbol)]], Field(max_length=200)] = []
    language: Annotated[str, StringConstraints(max_length=10)] = ""

    @field_validator("number", "application_number")
    @classmethod
    def _number(cls, number: str) -> str:
        if number and not rules.plausible(number):
            raise ValueError("letters, digits and . / - between them are what an office writes")
        return number

    @model_validator(mode="after")
    def _dates(self) -> Self:
        if fault := rules.date_order_fault(self.filed_on, self.published_on, self.granted_on):
            raise ValueError(fault)
        return self


class PatentBatch(Batch):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"source": "example", "rows": [{"number": "CN1001A", "title": "Pulsed cooling of melts"}]}]
        }
    )


class PatentRead(BaseModel):
    id: UUID
    source: str
    number: str
    office: str
    title: str
    abstract: str
    kind: str
    application_number: str
    filed_on: date | None
    published_on: date | None
    granted_on: date | None
    priority: str
    applicants: list[str]
    inventors: list[str]
    ipc: list[str]
    language: str


class PatentList(BaseModel):
    items: list[PatentRead]
    next_cursor: str | None
