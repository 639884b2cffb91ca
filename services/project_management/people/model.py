"""People as the catalogue told them, with every affiliation it named: a projection, never written by an action."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Index, Text
from sqlmodel import Field

from services.project_management.tables import Base
from shared.db.rows import Json, UtcDateTime


class Person(Base, table=True):
    """`version` is the newest source version heard; `described` the one that last set name, fields and caps."""

    __tablename__ = "people"
    __table_args__ = (
        Index("people_experts", "name", "id", postgresql_where="expert AND subject IS NOT NULL"),
        Index("people_subject", "subject"),
    )

    id: UUID = Field(primary_key=True)
    version: int
    described: int = 0
    name: str
    name_zh: str = ""
    subject: str | None = None
    orcid: str | None = None
    fields: list[str] = Field(sa_type=Json)
    expert: bool = False
    review_cap: int = 0


class Affiliation(Base, table=True):
    """From `since` on (None: as long as is known) the person works for the organisation (None: for none known).

    One row a fact, so that facts may arrive twice or late: an affiliation lasts until the next version's begins.
    """

    __tablename__ = "affiliations"
    __table_args__ = (Index("affiliations_organisation", "organisation_id"),)

    person_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    organisation_id: UUID | None = None
    organisation_name: str = ""
    since: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Touched(Base, table=True):
    """Of whom something was learnt that may tie reviewers to applicants: the clock looks and takes it off."""

    __tablename__ = "touched_people"
    __table_args__ = (Index("touched_people_at", "touched_at"),)

    key: str = Field(primary_key=True)
    """A person's id, an account, the id of an application, or of an organisation of whose people nobody is named by a
    record. Triggers write it too (migration 0074): what is declared, granted, decided, or changes who takes part."""
    touched_at: datetime = Field(sa_type=UtcDateTime)
    """When something was learnt, or the search is made again: none looks before."""
    failed: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Searches in a row that failed: each doubles the time to the next."""


class PersonAddresses(Base, table=True):
    """Marks of the e-mail addresses by which an account is known: equal for equal ones, and no more can be told."""

    __tablename__ = "person_addresses"
    __table_args__ = (
        Index("person_addresses_verified", "verified", postgresql_using="gin"),
        Index("person_addresses_unverified", "unverified", postgresql_using="gin"),
    )

    subject: str = Field(primary_key=True)
    version: int
    verified: list[str] = Field(sa_type=ARRAY(Text))
    unverified: list[str] = Field(sa_type=ARRAY(Text))
