"""Facts said by coordination. All four are about one account, so their versions order them."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

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
