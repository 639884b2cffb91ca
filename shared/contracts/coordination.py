"""Facts said by coordination. The first four are about one account, so their versions order them; the last is about
its address book."""

import hmac
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.contracts.base import Event
from shared.kernel.types import Role, SecurityLabel


class RoleGranted(Event):
    """A person may now act in a role for an organisation. `id` is the account."""

    type: ClassVar[str] = "hechuan.coordination.account.role_granted.v1"

    subject: str
    name: str
    grant_id: UUID
    role: Role
    organisation_id: UUID
    organisation_name: str
    starts_at: datetime
    ends_at: datetime | None = None
    reason: str = ""


class RoleRevoked(Event):
    type: ClassVar[str] = "hechuan.coordination.account.role_revoked.v1"

    subject: str
    grant_id: UUID
    role: Role
    organisation_id: UUID
    reason: str


class ClearanceChanged(Event):
    """Up to which label the person may read."""

    type: ClassVar[str] = "hechuan.coordination.account.clearance_changed.v1"

    subject: str
    name: str
    clearance: SecurityLabel
    reason: str = ""


class SessionRevoked(Event):
    """One sign-in, or (with `session_id` None) every sign-in before `revoked_at`, is void."""

    type: ClassVar[str] = "hechuan.coordination.account.session_revoked.v1"

    subject: str
    session_id: str | None = None
    revoked_at: datetime


def address_mark(key: bytes, address: str) -> str:
    """What stands for a normalised e-mail address: equal for equal ones, and nothing that can be guessed at without the
    key (HMAC-SHA-256, RFC 2104)."""
    return hmac.new(key, b"hechuan address 1:" + address.encode(), "sha256").hexdigest()


class AddressMark(BaseModel):
    model_config = ConfigDict(frozen=True)

    mark: str
    verified: bool


class PersonAddressesChanged(Event):
    """By which e-mail addresses an account is known now, all of them, as marks. `id` is the address book."""

    type: ClassVar[str] = "hechuan.coordination.address_book.changed.v1"

    subject: str
    addresses: tuple[AddressMark, ...]
