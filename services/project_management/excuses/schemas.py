"""What is asked for when a member of a panel is excused."""

from pydantic import ConfigDict

from shared.kernel.schemas import Line, Schema


class ExcuseCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Three reminders without an answer."}]})

    reason: Line
