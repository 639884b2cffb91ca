"""What is asked for and shown of an application that is handed in again."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.project_management.differences import DifferenceRead
from shared.kernel.schemas import Schema


class ResubmissionCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"call_id": "01970000-0000-7000-8000-000000000001"}]})

    call_id: UUID


class EarlierRead(BaseModel):
    """The application before, and what differs from it today."""

    earlier_id: UUID
    title: str
    call_title: str
    changes: list[DifferenceRead]
