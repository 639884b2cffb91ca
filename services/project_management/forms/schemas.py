"""What is asked for when a form is designed."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, RootModel

from services.project_management.forms import rules
from services.project_management.forms.questions import Help, Key, Named, Question, Said
from shared.kernel.schemas import Schema

What = Literal["section", "question"]
Was = Annotated[str, Field(max_length=40, description="Its key before; empty for a new one")]


class FormUpdate(RootModel[dict[str, Any]]):
    """The whole form as JSON Schema 2020-12; see the exported one of another call."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "$schema": "https://json-schema.org/draft/2020-12/schema",
                    "type": "object",
                    "properties": {"aim": {"type": "string", "title": "Aim of the project"}},
                    "required": ["aim"],
                }
            ]
        }
    )


class FormImport(Schema):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"text": '{"type":"object","properties":{"aim":{"type":"string","title":"Aim"}}}'}]
        }
    )

    text: Annotated[str, Field(min_length=2, max_length=rules.MOST_BYTES, description="The form as JSON text")]


class FormCopy(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"sample": "research"}]})

    sample: Literal["", "research", "pilot"] = Field(default="", description="One of the forms that come along")
    earlier_call: UUID | None = Field(default=None, description="Or a call whose form is taken over")


class SectionUpdate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"key": "plan", "title": "Plan of work"}]})

    was: Was = ""
    key: Key
    title: Named
    title_zh: Said = ""
    help: Help = ""
    help_zh: Help = ""


class QuestionUpdate(Question):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"section": "plan", "key": "aim", "kind": "long_text", "label": "Aim", "words": 300}]
        }
    )

    section: Annotated[str, Field(min_length=1, max_length=40, description="The section it stands in")]
    was: Was = ""


class MoveCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"what": "question", "key": "aim", "way": "down"}]})

    what: What
    key: Key
    way: Literal["up", "down"]


class RemovalCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"what": "question", "key": "aim"}]})

    what: What
    key: Key
