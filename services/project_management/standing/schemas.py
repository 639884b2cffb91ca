"""What is asked for and what is shown of the ledger."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.project_management.standing import rules
from shared.kernel.schemas import Line, Prose, Schema
from shared.kernel.trace import Clause, DecisionTrace
from shared.kernel.types import SecurityLabel

Text = Annotated[str, Field(min_length=1, max_length=4000)]


class EntryCreate(Schema):
    """The subject is an organisation, or the team of a project; the tariff says what follows and for how long."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "false_statement",
                    "subject_id": "0198a000-0000-7000-8000-000000000001",
                    "reason": "The test report of 3 March was made up.",
                }
            ]
        }
    )

    kind: rules.Kind
    reason: Line
    subject_id: UUID | None = Field(
        default=None, description="An organisation; with a project, one of its parties: its lead where none is named"
    )
    project_id: UUID | None = Field(
        default=None,
        description="The evidence; its lead is the subject where none is named, or its lead's team as the kind says",
    )
    document_id: UUID | None = Field(default=None, description="An uploaded, clean document that shows it")


class NoticeCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"days": 15}]})

    days: Annotated[int, Field(ge=rules.ANSWER_DAYS[0], le=rules.ANSWER_DAYS[1])] = Field(
        default=rules.USUAL_DAYS, description="To answer; a reward needs no answer"
    )


class AnswerCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "The report was corrected on 5 March."}]})

    text: Text


class EnforcementCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "The answer does not explain the figures."}]})

    note: Prose = ""


class EntryReasonCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The report is genuine."}]})

    reason: Line


class AppealCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "The laboratory confirms the figures."}]})

    text: Text


class RulingCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"decision": "lift", "reason": "It confirms them."}]})

    decision: Literal["uphold", "lift"]
    reason: Line


class EvidenceRef(BaseModel):
    kind: str
    id: UUID
    title: str


class EntryDocument(BaseModel):
    id: UUID
    filename: str
    size: int | None
    sha256: str | None


class EntryRow(BaseModel):
    id: UUID
    version: int
    subject_kind: rules.Of
    organisation_id: UUID
    organisation_name: str
    leader_name: str
    kind: rules.Kind
    sort: rules.Sort
    rule: str = Field(description="The section of the tariff that it cites")
    reason: str
    state: rules.State
    starts_on: date | None
    ends_on: date | None
    created_at: datetime


class EntryList(BaseModel):
    items: list[EntryRow]
    next_cursor: str | None


class EntryRead(EntryRow):
    label: SecurityLabel
    members: list[str]
    by_rule: str = Field(description="The rule that proposed it; empty where an officer did")
    brings: list[str] = Field(description="What follows while it is in force")
    evidence: EvidenceRef | None
    documents: list[EntryDocument]
    answer_due_at: datetime | None
    answer: str
    answered_at: datetime | None
    note: str
    appeal_until: datetime | None
    appeal: str
    appealed_at: datetime | None
    ruling: str
    ruled_at: datetime | None
    annulment: str = Field(description="Why it was annulled: what it rests on was decided anew")
    annulled_at: datetime | None
    trace: DecisionTrace | None = Field(description="What the ledger came to for the subject with this entry")


class BarRead(BaseModel):
    until: date
    rule: str = Field(description="Empty where the entry is above your clearance")


class EffectRead(BaseModel):
    points: str
    more: int = Field(description="Applications beyond a call's limits")
    lead: BarRead | None = Field(description="Cooling-off: leads no application until then")
    out: BarRead | None = Field(description="Exclusion: takes part in no application until then")
    pending: list[Literal["lead", "out"]] = Field(description="What could follow from notices within your clearance")


class EffectsOfOne(BaseModel):
    """Every entry counts; what is told of an entry goes by its label."""

    result: EffectRead
    clauses: list[Clause] = Field(description="The entries within your clearance")


class EffectsRead(BaseModel):
    """Of the organisation acted for, and of the actor as the leader of a team."""

    organisation_id: UUID
    organisation: EffectsOfOne
    team: EffectsOfOne


class ExclusionRead(BaseModel):
    organisation_id: UUID
    name: str
    until: date
    rule: str


class ExclusionList(BaseModel):
    items: list[ExclusionRead]
