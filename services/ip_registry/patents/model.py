"""A patent record as its source published it."""

from datetime import date

from sqlalchemy import Index, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Column, Field

from services.ip_registry.tables import Aggregate


def _texts() -> Column[list[str]]:
    return Column(ARRAY(Text()), nullable=False, server_default="{}")


class Patent(Aggregate, table=True):
    __tablename__ = "patents"
    __table_args__ = (
        Index("patents_source", "source", "number", unique=True),
        Index("patents_title", "title", postgresql_using="gin", postgresql_ops={"title": "gin_trgm_ops"}),
        Index("patents_ipc", "ipc", postgresql_using="gin"),
    )

    source: str
    number: str
    office: str = ""
    title: str
    abstract: str = ""
    kind: str = ""
    application_number: str = ""
    filed_on: date | None = None
    published_on: date | None = None
    granted_on: date | None = None
    priority: str = ""
    applicants: list[str] = Field(sa_column=_texts())
    inventors: list[str] = Field(sa_column=_texts())
    ipc: list[str] = Field(sa_column=_texts())
    language: str = ""
    fingerprint: str
