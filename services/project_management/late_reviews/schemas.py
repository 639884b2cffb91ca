"""What is asked for when a review gets more time."""

from pydantic import ConfigDict

from services.project_management.calls.schemas import Moment
from shared.kernel.schemas import Line, Schema


class ExtensionCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"due_at": "2099-01-01T09:00:00Z", "reason": "The reviewer was ill."}]}
    )

    due_at: Moment
    reason: Line
