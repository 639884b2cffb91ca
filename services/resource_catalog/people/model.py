"""The rows of a person and of their affiliations."""

from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.resource_catalog.tables import Aggregate, Base
from shared.contracts.catalog import AffiliationChanged, PersonRegistered
from shared.db.rows import Json
from shared.kernel.ids import new_id
from shared.kernel.types import OrgRef


class Person(Aggregate, table=True):
    __tablename__ = "people"
    __table_args__ = (
        CheckConstraint("expert = (review_cap > 0)", name="people_expert_has_cap"),
        Index("people_list", "name", "id"),
        Index("people_organisation", "organisation_id", "name", "id"),
        Index("people_orcid", "orcid", unique=True, postgresql_where="orcid IS NOT NULL"),
        Index("people_subject", "subject", unique=True, postgresql_where="subject IS NOT NULL"),
        Index("people_source", "source", "source_number", unique=True, postgresql_where="source_number IS NOT NULL"),
        Index(
            "people_name_trigram",
            "name",
            "name_zh",
            postgresql_using="gin",
            postgresql_ops={"name": "gin_trgm_ops", "name_zh": "gin_trgm_ops"},
        ),
    )

    name: str
    name_zh: str = ""
    orcid: str | None = None
    subject: str | None = None
    organisation_id: UUID | None = Field(default=None, foreign_key="organisations.id")
    fields_of_work: Any = Field(default_factory=list, sa_type=Json, nullable=False)
    expert: bool = False
    review_cap: int = 0
    registered_by: str
    source: str | None = None
    source_number: str | None = None

    def registered(self, organisation: OrgRef | None) -> PersonRegistered:
        return PersonRegistered(
            id=self.id,
            version=self.version,
            title=self.name,
            owners=_owners(organisation),
            name=self.name,
            name_zh=self.name_zh,
            subject=self.subject,
            orcid=self.orcid,
            organisation=organisation,
            fields=tuple(self.fields_of_work),
            expert=self.expert,
            review_cap=self.review_cap,
        )

    def move(self, organisation: OrgRef | None, since: date) -> AffiliationChanged:
        self.organisation_id = UUID(organisation.id) if organisation else None
        return AffiliationChanged(
            id=self.id,
            version=self.touch(),
            title=self.name,
            owners=_owners(organisation),
            name=self.name,
            organisation=organisation,
            since=datetime.combine(since, time(), UTC),
        )


class Affiliation(Base, table=True):
    """A person at an organisation from a day on; `until` is empty for the present one."""

    __tablename__ = "affiliations"
    __table_args__ = (
        CheckConstraint("until IS NULL OR until >= since", name="affiliations_order"),
        Index("affiliations_present", "person_id", unique=True, postgresql_where="until IS NULL"),
        Index("affiliations_person", "person_id", "since"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    person_id: UUID = Field(foreign_key="people.id")
    organisation_id: UUID = Field(foreign_key="organisations.id")
    since: date
    until: date | None = None


def _owners(organisation: OrgRef | None) -> tuple[UUID, ...]:
    return (UUID(organisation.id),) if organisation else ()
