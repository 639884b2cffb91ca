"""Accounts, the roles granted to them, and the organisations that roles can be held for."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlmodel import Field

from services.coordination.access import rules
from services.coordination.tables import Aggregate, Base
from shared.contracts.coordination import ClearanceChanged, RoleGranted, RoleRevoked, SessionRevoked
from shared.db.rows import UtcDateTime
from shared.kernel.ids import new_id
from shared.kernel.types import Role, SecurityLabel


class Account(Aggregate, table=True):
    """A person or program known to the sign-in provider as `subject`. Its version counts all four kinds of facts."""

    __tablename__ = "accounts"
    __table_args__ = (
        CheckConstraint("clearance IN ('public', 'internal', 'controlled', 'confidential')", name="accounts_clearance"),
        Index("accounts_list", "name", "id"),
        Index(
            "accounts_name_trigram",
            "name",
            "subject",
            postgresql_using="gin",
            postgresql_ops={"name": "gin_trgm_ops", "subject": "gin_trgm_ops"},
        ),
    )

    subject: str = Field(unique=True)
    name: str
    clearance: str = SecurityLabel.PUBLIC.value
    void_before: datetime | None = Field(default=None, sa_type=UtcDateTime)

    def opened(self, reason: str) -> ClearanceChanged:
        """The first fact about an account: it exists, with the lowest clearance."""
        return self._cleared(self.version, reason)

    def rename(self, name: str, reason: str) -> ClearanceChanged:
        self.name = name
        return self._cleared(self.touch(), reason)

    def clear(self, clearance: SecurityLabel, reason: str) -> ClearanceChanged:
        self.clearance = clearance.value
        return self._cleared(self.touch(), reason)

    def _cleared(self, version: int, reason: str) -> ClearanceChanged:
        return ClearanceChanged(
            id=self.id,
            version=version,
            title=self.name,
            label=SecurityLabel.INTERNAL,
            subject=self.subject,
            name=self.name,
            clearance=SecurityLabel(self.clearance),
            reason=reason,
        )

    def grant(self, grant: "RoleGrant") -> RoleGranted:
        return RoleGranted(
            id=self.id,
            version=self.touch(),
            title=self.name,
            label=SecurityLabel.INTERNAL,
            owners=(grant.organisation_id,),
            subject=self.subject,
            name=self.name,
            grant_id=grant.id,
            role=Role(grant.role),
            organisation_id=grant.organisation_id,
            organisation_name=grant.organisation_name,
            starts_at=grant.starts_at,
            ends_at=grant.ends_at,
            reason=grant.reason,
        )

    def revoke(self, grant: "RoleGrant", by: str, now: datetime, reason: str) -> RoleRevoked:
        grant.revoked_at, grant.revoked_by, grant.revocation_reason = now, by, reason
        return RoleRevoked(
            id=self.id,
            version=self.touch(),
            title=self.name,
            label=SecurityLabel.INTERNAL,
            owners=(grant.organisation_id,),
            subject=self.subject,
            grant_id=grant.id,
            role=Role(grant.role),
            organisation_id=grant.organisation_id,
            reason=reason,
        )

    def sign_out(self, now: datetime, session_id: str | None) -> SessionRevoked:
        """End one sign-in; with None every sign-in and token from before `now`."""
        if session_id is None:
            self.void_before = now
        return SessionRevoked(
            id=self.id,
            version=self.touch(),
            title=self.name,
            label=SecurityLabel.INTERNAL,
            subject=self.subject,
            session_id=session_id,
            revoked_at=now,
        )


class RoleGrant(Base, table=True):
    """One role of one account for one organisation. A row is never deleted: it says who decided what, and why."""

    __tablename__ = "role_grants"
    __table_args__ = (
        CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="role_grants_period"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="role_grants_revocation"),
        Index("role_grants_account", "account_id"),
        Index("role_grants_organisation", "organisation_id", "account_id"),
        Index("role_grants_role", "role", "account_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    account_id: UUID = Field(sa_column_args=[ForeignKey("accounts.id")])
    role: str
    organisation_id: UUID
    organisation_name: str
    starts_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str
    granted_by: str
    granted_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_by: str | None = None
    revocation_reason: str = ""

    @property
    def period(self) -> rules.Period:
        return rules.Period(self.starts_at, self.ends_at)


class KnownOrganisation(Base, table=True):
    """What the catalogue said of an organisation; `version` is the catalogue's."""

    __tablename__ = "organisations"
    __table_args__ = (
        CheckConstraint("state IN ('built_in', 'registered', 'admitted', 'suspended')", name="organisations_state"),
        Index("organisations_name", "name", "id"),
    )

    id: UUID = Field(primary_key=True)
    version: int
    name: str
    name_zh: str = ""
    kind: str = ""
    sector: str = ""
    region: str = ""
    state: str
