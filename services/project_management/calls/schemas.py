"""What is asked for and what is shown of a call."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    model_validator,
)

from services.project_management.approvals.schemas import ApprovalStep
from services.project_management.calls import rules, terms
from services.project_management.costs.rules import MOST_YEARS, Base, Category
from services.project_management.indicators.schemas import IndicatorFields, IndicatorRead
from shared.kernel.marks import N_
from shared.kernel.regions import Region, region
from shared.kernel.schemas import Line, Prose, Schema, Word
from shared.kernel.types import Money, Sector, SecurityLabel, Share


def _in_reach(value: datetime) -> datetime:
    if not 2000 <= value.year <= 2100:
        raise ValueError(N_("choose a time between the years 2000 and 2100"))
    return value.astimezone(UTC)


def _falling(values: list[int]) -> list[int]:
    return sorted(set(values), reverse=True)


def _share(text: str) -> str:
    """A part as people type it, kept exactly; empty stays empty."""
    if not text.strip():
        return ""
    part: Fraction = _PART.validate_python(text)
    return f"{part.numerator}/{part.denominator}"


_PART: TypeAdapter[Fraction] = TypeAdapter(Share)
Moment = Annotated[AwareDatetime, AfterValidator(_in_reach)]
Weight = Annotated[Decimal, Field(gt=0, le=100, max_digits=5, decimal_places=2)]
Kinds = Annotated[
    list[rules.OrganisationKind],
    Field(max_length=5, description="Kinds of organisation that may lead; empty means any"),
]
Regions = Annotated[
    list[Region], Field(max_length=50, description="Regions that the lead may come from; empty means any")
]
Sectors = Annotated[list[Sector], Field(max_length=2, description="Sectors that the lead may be of; empty means any")]
RunningPerOrganisation = Annotated[
    int, Field(ge=0, le=99, description="The lead leads fewer running projects than this; 0 means any number")
]
RunningPerPerson = Annotated[
    int, Field(ge=0, le=99, description="Who writes the application leads fewer running projects; 0 means any number")
]
Credit = Annotated[
    Literal["", "fair", "good"], Field(description="The least credit standing of the lead; empty means any")
]
Reviewers = Annotated[int, Field(ge=1, le=9, description="Expert reviews that each application gets")]
Blindness = Annotated[Literal["single", "double"], Field(description="double: reviewers are not told who applies")]
Floor = Annotated[Share, Field(description="The least share of income from results that goes to their inventors")]
TitleZh = Annotated[str, Field(max_length=300, description="Title in Chinese")]
Field_ = Annotated[Word, Field(description="Field of research, such as Materials")]


def _usual_scale(value: Any) -> Any:
    """A row that was typed without one."""
    return value or terms.SCALE


class Criterion(Schema):
    name: Word
    weight: Weight = Field(description="Part of 100; the weights of a call add up to 100")
    scale: Annotated[
        Literal["5", "10", "100"], BeforeValidator(_usual_scale), Field(description="Scores run from 0 to it")
    ] = "10"
    anchors: Annotated[
        str, Field(max_length=300, description="What single scores mean: 5: excellent; 3: good; 0: not at all")
    ] = ""

    @model_validator(mode="after")
    def _anchored(self) -> Self:
        if fault := terms.anchor_fault(self.anchors, self.scale):
            raise ValueError(fault)
        return self


Criteria = Annotated[list[Criterion], Field(min_length=1, max_length=20)]


class ShareLimit(Schema):
    """How much of the money or of the awards may, or shall, go to one group of applications."""

    trait: Literal["region", "field", "sector", "newcomer"] = Field(
        description="Of the lead: its region or sector, or that it was never funded before; or the application's field"
    )
    value: Annotated[str, Field(max_length=60)] = Field(
        default="", description="Which one; empty for newcomers, and where a ceiling holds for any one of them"
    )
    sense: Literal["at_most", "at_least"]
    share: Weight = Field(description="Percent")
    of: Literal["budget", "awards"] = Field(description="Shares of the number of awards are rounded up to whole awards")

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.trait == "region" and self.value:
            self.value = region(self.value)
        return self


Portfolio = Annotated[list[ShareLimit], Field(max_length=20, description="Share limits that the decision keeps")]


CallIndicators = Annotated[
    list[IndicatorFields], Field(max_length=20, description="What its projects are measured by, as numbers")
]
Offices = Annotated[
    list[ApprovalStep],
    Field(max_length=5, description="Who signs the release, in this order; separate people. Empty: a coordinator"),
]


class AwardTerms(Schema):
    approvals: Annotated[
        list[ApprovalStep], Field(max_length=5, description="Who approves the decision, in this order; separate people")
    ] = Field(default_factory=list)
    notice_days: Annotated[int, Field(ge=0, le=90, description="Days of public notice; 0 means none")] = 0
    letter_scores: Literal["none", "total", "criteria"] = Field(
        default="total",
        description="The scores that applicants are told: none, the mean, or the mean of each criterion",
    )
    appeal_days: Annotated[
        int, Field(ge=0, le=90, description="Days after the decision letter in which to appeal; 0 means no appeal")
    ] = 15
    panel_required: bool = Field(default=False, description="A panel meets over the ranking before the decision")


Years = Annotated[int, Field(ge=0, le=30, description="0: does not count as a conflict")]
Days = Annotated[int, Field(ge=1, le=terms.MOST_DAYS)]
OptionalShare = Annotated[str, AfterValidator(_share), Field(max_length=20, description="Exact; empty: all alike")]


class CallTermsFields(Schema):
    """The days and rules of what comes after the call."""

    answer_days: Days = Field(default=7, description="To answer an invitation to review")
    answer_reminder_days: Days = Field(default=2, description="A reminder so many days before it is over")
    review_days: Days = Field(default=21, description="From the invitation to the review")
    review_reminder_days: Days = Field(default=3, description="A reminder so many days before, another when it is due")
    completion_days: Annotated[int, Field(ge=2, le=90, description="The most to complete what was returned")] = 30
    milestone_reminder_days: Annotated[
        list[Days],
        AfterValidator(_falling),
        Field(max_length=6, description="Days before a milestone is due; none: nobody is reminded beforehand"),
    ] = Field(default_factory=lambda: [30, 14, 7, 1])
    explanation_days: Annotated[int, Field(ge=2, le=29, description="A milestone so late has to be explained")] = 14
    former_employer_years: Years = Field(default=3, description="Worked for an organisation of the application")
    co_applicant_years: Years = Field(default=3, description="Applied or worked in a project together")
    co_inventor_years: Years = Field(default=3, description="Named in the same invention")
    reciprocal_years: Years = Field(default=3, description="Judged each other")
    supervision_years: Years = Field(default=10, description="Supervised one the other, after it ended")
    close_years: Years = Field(default=3, description="Declared to be close, after it ended")
    lead_ownership: OptionalShare = Field(default="", description="Of the lead in the results, as agreements begin")
    lead_income: OptionalShare = Field(
        default="", description="Of the lead in the parties' income, as agreements begin"
    )
    disposal: Literal["joint", "lead", "each", "office"] = "joint"
    exploitation: Literal["all", "owners", "research"] = "all"
    publication_days: Annotated[int, Field(ge=0, le=365, description="To object before a publication")] = 30
    publication_terms: Annotated[str, Field(max_length=2000)] = ""


class CategoryCap(Schema):
    """How much of what is asked for may go to one category."""

    category: Category
    percent: Weight
    of: Base = Base.DIRECT


class BudgetTerms(Schema):
    """What the budget of an application keeps to: lines by organisation, category and year of the project."""

    required: bool = Field(default=True, description="Applications have a budget by lines; without, one sum")
    years: Annotated[int, Field(ge=1, le=MOST_YEARS, description="A project lasts at most so many years")] = 3
    categories: Annotated[
        list[Category], Field(min_length=1, max_length=len(Category), description="What the call pays for")
    ] = Field(default_factory=lambda: list(Category))
    caps: Annotated[list[CategoryCap], Field(max_length=len(Category))] = Field(default_factory=list)
    own_percent: Annotated[Decimal, Field(ge=0, le=1000, max_digits=6, decimal_places=2)] = Field(
        default=Decimal(0), description="The least own contribution, in percent of what is asked for"
    )


class CallCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "Light alloys for regional aircraft",
                    "title_zh": "支线飞机轻合金",
                    "summary": "Corrosion-resistant magnesium alloys from laboratory to part.",
                    "field": "Materials",
                    "stage": "research",
                    "budget": {"amount": "6000000.00", "currency": "CNY"},
                    "ceiling": {"amount": "3000000.00", "currency": "CNY"},
                    "opens_at": "2026-01-10T00:00:00Z",
                    "closes_at": "2099-03-31T09:00:00Z",
                    "kinds": ["institute", "university"],
                    "regions": ["Chengdu", "Chongqing"],
                    "reviewers_per_application": 2,
                    "criteria": [{"name": "Novelty", "weight": "60"}, {"name": "Feasibility", "weight": "40"}],
                    "inventor_floor": "1/2",
                    "label": "public",
                }
            ]
        }
    )

    title: Line
    title_zh: TitleZh = ""
    summary: Prose = ""
    field: Field_
    stage: rules.Stage
    budget: Money
    ceiling: Money = Field(description="The most that one award can be")
    opens_at: Moment
    closes_at: Moment
    kinds: Kinds = Field(default_factory=list)
    regions: Regions = Field(default_factory=list)
    sectors: Sectors = Field(default_factory=list)
    running_per_organisation: RunningPerOrganisation = 0
    running_per_person: RunningPerPerson = 0
    credit: Credit = ""
    reviewers_per_application: Reviewers = 2
    blindness: Blindness = "single"
    criteria: Criteria
    portfolio: Portfolio = Field(default_factory=list)
    award_terms: AwardTerms = Field(default_factory=AwardTerms)
    offices: Offices = Field(default_factory=list)
    indicators: CallIndicators = Field(default_factory=list)
    terms: CallTermsFields = Field(default_factory=CallTermsFields)
    budget_terms: BudgetTerms = Field(default_factory=BudgetTerms)
    inventor_floor: Floor = Fraction(1, 2)
    label: SecurityLabel = SecurityLabel.PUBLIC


class CallChange(Schema):
    """What is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"summary": "From laboratory to flying part."}]})

    title: Line | None = None
    title_zh: TitleZh | None = None
    summary: Prose | None = None
    field: Field_ | None = None
    stage: rules.Stage | None = None
    budget: Money | None = None
    ceiling: Money | None = None
    opens_at: Moment | None = None
    closes_at: Moment | None = None
    kinds: Kinds | None = None
    regions: Regions | None = None
    sectors: Sectors | None = None
    running_per_organisation: RunningPerOrganisation | None = None
    running_per_person: RunningPerPerson | None = None
    credit: Credit | None = None
    reviewers_per_application: Reviewers | None = None
    blindness: Blindness | None = None
    criteria: Criteria | None = None
    portfolio: Portfolio | None = None
    award_terms: AwardTerms | None = None
    offices: Offices | None = None
    indicators: CallIndicators | None = None
    terms: CallTermsFields | None = None
    budget_terms: BudgetTerms | None = None
    inventor_floor: Floor | None = None
    label: SecurityLabel | None = None


class SignoffCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"decision": "approve", "reason": "Budget and criteria agreed."}]}
    )

    decision: Literal["approve", "return"]
    reason: Annotated[str, Field(max_length=300, description="Must be given when the call is returned")] = ""


class ReasonCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The budget was withdrawn."}]})

    reason: Line


class CriterionRead(BaseModel):
    name: str
    weight: str
    scale: str = Field(default="10", description="Scores run from 0 to it; totals are of 10 whatever the scale")
    anchors: str = ""


class ShareLimitRead(BaseModel):
    trait: str
    value: str
    sense: str
    share: str
    of: str


class SignatureRead(BaseModel):
    office: str
    role: str
    organisation_id: UUID | None
    has_signed: bool
    signed_at: datetime | None = Field(description="Not kept of the calls of earlier days")
    next: bool = Field(description="Signs next; nobody does unless the call is in sign-off")


class CallRead(BaseModel):
    id: UUID
    version: int
    title: str
    title_zh: str
    summary: str
    field: str
    stage: rules.Stage
    budget: Money
    ceiling: Money
    opens_at: datetime
    closes_at: datetime
    kinds: list[str]
    regions: list[str]
    sectors: list[str]
    running_per_organisation: int
    running_per_person: int
    credit: str
    reviewers_per_application: int
    blindness: str
    questions: int = Field(description="How many questions its application form asks; 0 where it has none")
    criteria: list[CriterionRead]
    portfolio: list[ShareLimitRead]
    award_terms: AwardTerms
    terms: CallTermsFields
    indicators: list[IndicatorRead]
    offices: list[ApprovalStep] = Field(description="Who signs its release and its amendments, as it names them now")
    amended_by: list[str] = Field(
        default_factory=list,
        description="The offices that sign its amendments, where they are others than at its release",
    )
    signoffs: list[SignatureRead] = Field(description="Who signs its release, in this order, and who has")
    budget_terms: BudgetTerms
    inventor_floor: str
    label: SecurityLabel
    state: rules.State
    phase: rules.Phase
    state_reason: str
    organisation_id: UUID
    organisation_name: str
    released_version: int | None
    released_at: datetime | None
    sha256: str | None
    applications: int | None = Field(description="How many were submitted; told only after the call has closed")
    created_at: datetime


class CallList(BaseModel):
    items: list[CallRead]
    next_cursor: str | None
