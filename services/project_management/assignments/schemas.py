"""What is asked for and what is shown of an assignment."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from services.project_management.reviews.rules import State
from shared.kernel.marks import N_
from shared.kernel.schemas import Line, Schema
from shared.kernel.trace import DecisionTrace

MOST_EXPERTS = 20_000
"""A region has fewer; a request that names more was made by mistake."""


class SpreadException(Schema):
    """An application that may have more reviewers of one group than the spread allows."""

    application_id: UUID
    of: Literal["organisation", "region"]
    group: Line = Field(description="The organisation's id, or the region")
    more: Annotated[int, Field(ge=1, le=9)] = 1


class AssignmentCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"expert_ids": [], "seed": 7, "cap": 4}]})

    expert_ids: Annotated[list[UUID], Field(max_length=MOST_EXPERTS)] = Field(
        default=[], description="Whom to choose from; empty means every expert known"
    )
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = Field(
        default=1, description="Settles ties; the same seed repeats"
    )
    cap: Annotated[int, Field(ge=1, le=50)] = Field(
        default=4, description="At most so many reviews of this call an expert; their own limit counts too"
    )
    mode: Literal["total", "fair"] = Field(
        default="total",
        description="total: the best fit altogether; fair: the worst-off application first, then the best fit",
    )
    bound: Annotated[int, Field(ge=1, le=100)] = Field(
        default=100,
        description="No pair is likelier than so many percent, so that nobody can foresee a reviewer; 100 draws no lot",
    )

    per_organisation: Annotated[int, Field(ge=0, le=50)] = Field(
        default=1, description="At most so many reviewers of one application from one organisation; 0: no limit"
    )
    per_region: Annotated[int, Field(ge=0, le=50)] = Field(
        default=0, description="At most so many reviewers of one application from one region; 0: no limit"
    )
    exceptions: Annotated[list[SpreadException], Field(max_length=500)] = Field(
        default=[], description="From the two limits before, for single applications"
    )
    exception_reason: Line | Literal[""] = Field(default="", description="Asked for with exceptions; kept with the run")

    @model_validator(mode="after")
    def _said_why(self) -> Self:
        if self.exceptions and not self.exception_reason:
            raise ValueError(N_("Say why these applications are an exception."))
        return self

    @field_validator("bound")
    @classmethod
    def _by_lot_or_fair(cls, bound: int, info: ValidationInfo) -> int:
        if bound < 100 and info.data.get("mode") == "fair":
            raise ValueError(N_("the fair way draws no lot: choose the best fit altogether, or write 100"))
        return bound


class Pair(Schema):
    application_id: UUID
    expert_id: UUID


_PAIR: dict[str, Any] = {
    "application_id": "0197e000-0000-7000-8000-000000000001",
    "expert_id": "0197e000-0000-7000-8000-000000000002",
}
_NUMBER = "The run that was looked at; refused when another has been made since"


class AdjustmentCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"give": [_PAIR], "take": [], "reason": "Knows the method.", "number": None}]}
    )

    give: Annotated[list[Pair], Field(max_length=500)] = Field(default=[], description="Who is to review what, too")
    take: Annotated[list[Pair], Field(max_length=500)] = Field(default=[], description="Who is to review what no more")
    reason: Line
    beyond_spread: bool = Field(
        default=False, description="Give more reviewers from one organisation or region than the run's limits; say why"
    )
    number: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = Field(default=None, description=_NUMBER)


class UndoCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Assigned by mistake.", "number": None}]})

    reason: Line
    number: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = Field(default=None, description=_NUMBER)


class ConflictDecisionCreate(Pair):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{**_PAIR, "decision": "enter", "reason": "Supervised the lead's thesis."}]}
    )

    decision: Literal["waive", "confirm", "enter", "lift"] = Field(
        description="waive: set a conflict aside; confirm: it stands; enter: record one that no register shows; "
        "lift: take an earlier decision back"
    )
    kind: Annotated[str, Field(max_length=40)] = Field(
        default="", description="Of conflict; empty: the gravest that stands, or with lift the last decided"
    )
    reason: Line


class DemandCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"application_id": _PAIR["application_id"], "number": 3, "reason": "The two reviews are far apart."}
            ]
        }
    )

    application_id: UUID
    number: Annotated[int, Field(ge=1, le=9)] | None = Field(
        default=None, description="Expert reviews of this application; null goes back to the number that the call names"
    )
    reason: Line


class DemandRead(BaseModel):
    """How many experts an application is to be reviewed by instead of the number that the call names."""

    id: UUID
    application_id: UUID
    number: int | None
    reason: str
    asked_by: str
    asked_at: datetime


class ConflictDecisionRead(BaseModel):
    """What a named person decided about a pair; the last decision counts."""

    id: UUID
    application_id: UUID
    expert_id: UUID
    expert: str
    kind: str = Field(description="Of conflict; the others between the two stay as they are")
    decision: str
    reason: str
    decided_by: str
    decided_at: datetime


class AssignedRead(BaseModel):
    """One review of the plan; `id` is the review's."""

    id: UUID
    version: int
    application_id: UUID
    application: str
    expert_id: UUID
    expert: str
    affinity: int
    state: State
    reason: str = Field(description="Why it was declined")
    named: str = Field(description="Whom somebody who declined named instead")


class FurtherRead(BaseModel):
    kind: str
    reason: str


class ConflictRead(BaseModel):
    application_id: UUID
    expert_id: UUID
    expert: str
    kind: str
    reason: str
    further: list[FurtherRead] = Field(default=[], description="Conflicts behind the gravest")


class PotentialRead(BaseModel):
    """What came up after the assignment, declared on the applicants' side or learnt from registers; a named officer
    confirms or waives it."""

    application_id: UUID
    application: str
    expert_id: UUID
    expert: str
    kind: str
    reason: str


class AssignmentRead(BaseModel):
    id: UUID
    version: int
    call_id: UUID
    number: int
    seed: int
    cap: int
    bound: int
    made_by: str
    created_at: datetime
    assignments: list[AssignedRead]
    conflicts: list[ConflictRead]
    potential: list[PotentialRead]
    decisions: list[ConflictDecisionRead]
    demands: list[DemandRead]
    trace: DecisionTrace


def read_model(row: dict[str, Any]) -> AssignmentRead:
    return AssignmentRead.model_validate(row)
