"""The row of an organisation and its transitions."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from services.resource_catalog.organisations import rules
from services.resource_catalog.tables import Aggregate
from shared.contracts.catalog import (
    OrganisationAdmitted,
    OrganisationCorrected,
    OrganisationRegistered,
    OrganisationSuspended,
)
from shared.db.rows import UtcDateTime
from shared.kernel.types import OrgRef, Sector


class Organisation(Aggregate, table=True):
    __tablename__ = "organisations"
    __table_args__ = (
        CheckConstraint("state IN ('registered', 'admitted', 'suspended')", name="organisations_state"),
        CheckConstraint("sector IN ('civil', 'defence')", name="organisations_sector"),
        Index("organisations_list", "name", "id"),
        Index("organisations_credit_code", "credit_code", unique=True, postgresql_where="credit_code IS NOT NULL"),
        Index(
            "organisations_source",
            "source",
            "source_number",
            unique=True,
            postgresql_where="source_number IS NOT NULL",
        ),
        Index(
            "organisations_imported_name",
            text("lower(name)"),
            "region",
            unique=True,
            postgresql_where="source IS NOT NULL AND source_number IS NULL",
        ),
        Index("organisations_name_region", text("lower(name)"), "region"),
        Index(
            "organisations_name_trigram",
            "name",
            "name_zh",
            postgresql_using="gin",
            postgresql_ops={"name": "gin_trgm_ops", "name_zh": "gin_trgm_ops"},
        ),
    )

    name: str
    name_zh: str = ""
    kind: str
    sector: str
    region: str
    credit_code: str | None = None
    state: str = Field(default=rules.State.REGISTERED.value)
    admitted_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    state_reason: str = ""
    registered_by: str
    source: str | None = None
    source_number: str | None = None

    @property
    def ref(self) -> OrgRef:
        return OrgRef(id=str(self.id), name=self.name)

    def registered(self) -> OrganisationRegistered:
        return OrganisationRegistered(
            id=self.id,
            version=self.version,
            title=self.name,
            owners=(self.id,),
            name=self.name,
            name_zh=self.name_zh,
            kind=self.kind,
            sector=Sector(self.sector),
            region=self.region,
            credit_code=self.credit_code,
        )

    def admit(self, until: datetime, reason: str) -> OrganisationAdmitted:
        self.state = rules.next_state("admit", rules.State(self.state))
        self.admitted_until = until
        self.state_reason = reason
        return OrganisationAdmitted(
            id=self.id,
            version=self.touch(),
            title=self.name,
            owners=(self.id,),
            name=self.name,
            name_zh=self.name_zh,
            kind=self.kind,
            sector=Sector(self.sector),
            region=self.region,
            credit_code=self.credit_code,
            valid_until=until,
            reason=reason,
        )

    def correct(self, values: dict[str, Any], reason: str) -> OrganisationCorrected | None:
        """Take over what was wrong; None when nothing differs."""
        changed = tuple(name for name, value in values.items() if getattr(self, name) != value)
        if not changed:
            return None
        for name in changed:
            setattr(self, name, values[name])
        return OrganisationCorrected(
            id=self.id,
            version=self.touch(),
            title=self.name,
            owners=(self.id,),
            name=self.name,
            name_zh=self.name_zh,
            kind=self.kind,
            sector=Sector(self.sector),
            region=self.region,
            credit_code=self.credit_code,
            standing=rules.State(self.state).value,
            valid_until=self.admitted_until,
            changed=changed,
            reason=reason,
        )

    def suspend(self, reason: str) -> OrganisationSuspended:
        self.state = rules.next_state("suspend", rules.State(self.state))
        self.admitted_until = None
        self.state_reason = reason
        return OrganisationSuspended(
            id=self.id, version=self.touch(), title=self.name, owners=(self.id,), name=self.name, reason=reason
        )
