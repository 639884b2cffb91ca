"""What is asked for of an explanation."""

from typing import Annotated

from pydantic import ConfigDict, Field

from shared.kernel.schemas import Schema


class ExplanationCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "The furnace came three months late."}]})

    text: Annotated[str, Field(min_length=1, max_length=4000)] = Field(
        description="Why the milestone is late, and by when it will be reached"
    )
