"""What is asked for and what is shown of accounts and roles."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from services.coordination.access.rules import GrantState
from shared.identity.tokens import RESERVED
from shared.kernel.marks import N_
from shared.kernel.schemas import Line, Schema
from shared.kernel.types import Role, SecurityLabel


def _usable_subject(value: str) -> str:
    if not value.isprintable():
        raise ValueError(N_("write the name exactly as the sign-in provider knows it"))
    if value.startswith(RESERVED[0]):
        raise ValueError(N_("names beginning with system: belong to the platform"))
    return value


Subject = Annotated[
    str,
    StringConstraints(min_length=1, max_length=255, strip_whitespace=True),
    AfterValidator(_usable_subject),
    Field(description="The person's name at the sign-in provider (the token's subject)"),
]


class GrantFields(Schema):
    role: Role
    organisation_id: UUID = Field(description="An organisation of the catalogue that is not suspended")
    starts_at: AwareDatetime | None = Field(default=None, description="From when it counts; now when left out")
    ends_at: AwareDatetime | None = Field(default=None, description="Until when it counts; open when left out")
    reason: Line


class GrantCreate(GrantFields):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "role": "applicant",
                    "organisation_id": "01920000-0000-7000-8000-000000000000",
                    "reason": "Leads the alloy group since March.",
                }
            ]
        }
    )


class SubjectGrantCreate(GrantFields):
    """A grant to somebody who may never have signed in."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "subject": "zhao.institute",
                    "name": "Zhao Min",
                    "role": "applicant",
                    "organisation_id": "01920000-0000-7000-8000-000000000000",
                    "reason": "Leads the alloy group since March.",
                    "invite": True,
                }
            ]
        }
    )

    subject: Subject
    name: Annotated[str, Field(max_length=200, description="Shown until the person signs in")] = ""
    invite: bool = Field(
        default=False, description="Must be said for somebody unknown: the role waits for their first sign-in"
    )


class RevocationCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Left the institute."}]})

    reason: Line


class ClearanceUpdate(Schema):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"clearance": "internal", "reason": "Confidentiality agreement signed."}]}
    )

    clearance: SecurityLabel
    reason: Line


class GrantRead(BaseModel):
    id: UUID
    account_id: UUID
    role: Role
    organisation_id: UUID
    organisation_name: str
    starts_at: datetime
    ends_at: datetime | None
    state: GrantState
    reason: str
    granted_by: str
    granted_at: datetime
    revoked_at: datetime | None
    revoked_by: str | None
    revocation_reason: str


class AccountSummary(BaseModel):
    id: UUID
    version: int
    subject: str
    name: str
    clearance: SecurityLabel
    roles: list[Role] = Field(description="Roles held now, those only that you may know of")


class AccountRead(AccountSummary):
    void_before: datetime | None
    created_at: datetime
    grants: list[GrantRead]


class AccountList(BaseModel):
    items: list[AccountSummary]
    next_cursor: str | None


class HeldRole(BaseModel):
    role: Role
    organisation_id: UUID
    organisation_name: str


class MeRead(BaseModel):
    """Who the platform takes you for."""

    subject: str
    name: str
    clearance: SecurityLabel
    acting_for: UUID | None
    scopes: list[str]
    roles: list[HeldRole]
