"""What is asked for and what is shown of a person."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from services.resource_catalog.people import rules
from shared.kernel.batches import Batch, ImportRow
from shared.kernel.schemas import Line, Schema, Word

Orcid = Annotated[str, AfterValidator(rules.orcid), Field(max_length=60)]
ReviewCap = Annotated[int, Field(ge=0, le=rules.MAX_REVIEW_CAP, description="At most so many reviews a call")]
Terms = Annotated[list[Word], Field(max_length=20)]
ChineseName = Annotated[str, Field(max_length=100, pattern=r"^[^\x00]*$", description="Name in Chinese characters")]


def _fits_expert(cap: int, info: ValidationInfo) -> int:
    rules.fits_expert(bool(info.data.get("expert")), cap)
    return cap


class PersonCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Ma Lihua",
                    "name_zh": "马丽华",
                    "orcid": "0000-0002-1825-0097",
                    "fields": ["light alloys", "fatigue"],
                    "expert": True,
                    "review_cap": 5,
                    "organisation_id": "01920000-0000-7000-8000-000000000000",
                }
            ]
        }
    )

    name: Line = Field(description="Name in Latin script")
    name_zh: ChineseName = ""
    orcid: Orcid | None = Field(default=None, description="ORCID iD, check character verified")
    subject: Line | None = Field(default=None, description="The name under which the person signs in")
    organisation_id: UUID | None = None
    fields: Terms = Field(default_factory=list)
    expert: bool = Field(default=False, description="May be asked to review")
    review_cap: ReviewCap = Field(default=0, validate_default=True)

    _fits_expert = field_validator("review_cap")(_fits_expert)


class PersonRow(ImportRow):
    """One person of an import. The organisation is named by its number at the same source, or by name."""

    name_zh: ChineseName = ""
    orcid: Orcid | None = None
    organisation_number: Line | None = None
    organisation: Line | None = None
    fields: Terms = Field(default_factory=list)
    expert: bool = False
    review_cap: ReviewCap = Field(default=0, validate_default=True)

    _fits_expert = field_validator("review_cap")(_fits_expert)

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.number is None and self.orcid is None:
            raise ValueError("give the person's number at the source, or an ORCID iD: a name alone is nobody for sure")
        return self


class PersonBatch(Batch):
    """Rows as in `PersonRow`: number, name, name_zh, orcid, organisation_number or organisation, fields, expert,
    review_cap."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"source": "orcid", "rows": [{"number": "17", "name": "Guo Wei", "fields": ["optics"]}]}]
        }
    )


class AffiliationCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"organisation_id": None, "since": "2026-03-01"}]})

    organisation_id: UUID | None = Field(
        default=None, description="Where the person works from then on; null for nowhere known"
    )
    since: Annotated[date, Field(ge=date(1900, 1, 1), le=date(2200, 1, 1))]


class AffiliationRead(BaseModel):
    organisation_id: UUID
    organisation_name: str
    since: date
    until: date | None


class PersonRead(BaseModel):
    id: UUID
    version: int
    name: str
    name_zh: str
    orcid: str | None
    subject: str | None = Field(description="Shown to the person, their organisation and the coordination office")
    organisation_id: UUID | None
    organisation_name: str | None
    fields: list[str]
    expert: bool
    review_cap: int
    created_at: datetime


class PersonDetail(PersonRead):
    affiliations: list[AffiliationRead]


class PersonList(BaseModel):
    items: list[PersonRead]
    next_cursor: str | None
