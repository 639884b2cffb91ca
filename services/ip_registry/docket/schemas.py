"""What is asked for and what is shown of a deadline."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.kernel.schemas import Line, Schema


class DeadlineRead(BaseModel):
    """A due date with everything it was computed from."""

    id: UUID
    version: int
    asset_id: UUID
    rule: str
    rule_version: int
    rule_source: str
    what: str
    trigger_on: date
    unshifted_on: date
    due_on: date
    calendar: str
    state: str
    note: str


class DeadlineList(BaseModel):
    items: list[DeadlineRead]


class DeadlineDone(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "Filed as PCT/CN2027/000123."}]})

    note: Line
