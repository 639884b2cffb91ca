"""What is asked for and what is shown of an award that is answered."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.project_management.reserves.rules import State
from shared.kernel.schemas import Line, Schema
from shared.kernel.trace import DecisionTrace
from shared.kernel.types import Money


class AwardRefusalCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "We are funded elsewhere."}]})

    reason: Line


class OfferRead(BaseModel):
    id: UUID
    version: int
    state: State
    amount: Money
    until: datetime
    reason: str
    trace: DecisionTrace


class AwardAnswerRead(BaseModel):
    """An award with the last offer made of it, if it came from the reserve list."""

    award_id: UUID
    version: int
    outcome: str
    offer: OfferRead | None
