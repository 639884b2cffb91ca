"""What is asked for when an application is returned."""

from pydantic import ConfigDict, Field

from services.project_management.calls.schemas import Moment
from shared.kernel.schemas import Line, Schema


class ReturnCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "The budget annex is missing.", "due_at": "2099-01-01T09:00:00Z"}]}
    )

    reason: Line = Field(description="What is missing; its lead and partners read it")
    due_at: Moment = Field(description="By when; from 24 hours on, within the days that the call sets (30)")
