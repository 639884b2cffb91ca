"""What is asked for and what is shown of a match."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.finance_matching.matching.rules import State
from services.finance_matching.words import Stage
from shared.kernel.schemas import Line, Schema
from shared.kernel.trace import Clause, DecisionTrace, Outcome
from shared.kernel.types import Money, SecurityLabel


class InterestCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "We would like to meet next week."}]})

    note: Line


class DeclinationCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "This year's quota is used up."}]})

    reason: Line


class MatchRead(BaseModel):
    """`trace` (the recorded inputs) is shown to the applicant's side only; the clauses to both."""

    id: UUID
    version: int
    need_id: UUID
    need_title: str
    organisation_id: UUID
    organisation_name: str
    stage: Stage
    field: str
    region: str
    amount: Money
    product_id: UUID
    product_title: str
    product_kind: str
    institution_id: UUID
    institution_name: str
    outcome: Outcome
    score: int
    near_miss: bool
    clauses: list[Clause]
    parts: dict[str, int]
    label: SecurityLabel
    state: State
    state_reason: str
    partner_interest_at: datetime | None
    partner_note: str
    applicant_interest_at: datetime | None
    applicant_note: str
    created_at: datetime
    trace: DecisionTrace | None


class MatchList(BaseModel):
    items: list[MatchRead]
    next_cursor: str | None
