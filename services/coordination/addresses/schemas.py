"""What is asked for and what is shown of e-mail addresses."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.coordination.addresses.rules import Source, normal
from shared.kernel.marks import N_
from shared.kernel.schemas import Line, Schema


def _address(value: str) -> str:
    found = normal(value)
    if not found:
        raise ValueError(N_("write an e-mail address such as zhao.min@example.org"))
    return found


class AddressCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"address": "zhao.min@example.org"}]})

    address: Annotated[Line, AfterValidator(_address)]


class AddressRead(BaseModel):
    id: UUID
    address: str
    source: Source
    verified: bool = Field(description="Only the sign-in provider vouches for an address")
    added_at: datetime


class AddressList(BaseModel):
    account_id: UUID | None = Field(description="Null before the first sign-in is recorded")
    items: list[AddressRead]
