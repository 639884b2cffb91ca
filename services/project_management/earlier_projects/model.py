"""The row of an earlier project, as a public source lists it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Computed, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlmodel import Field

from services.project_management.tables import Base
from shared.db.rows import Json, MoneyAmount, UtcDateTime

WORDS = "CASE WHEN left(language, 2) = 'zh' THEN ''::tsvector ELSE to_tsvector('english', title || ' ' || abstract) END"
"""Chinese has no blanks between words, so it is found by `searched` and `pairs`."""


class EarlierProject(Base, table=True):
    __tablename__ = "earlier_projects"
    __table_args__ = (
        Index("earlier_projects_source_number", "source", "number", unique=True),
        Index("earlier_projects_list", "sorted_on", "id"),
        Index("earlier_projects_imported", "imported_at", "id"),
        Index(
            "earlier_projects_searched",
            "searched",
            postgresql_using="gin",
            postgresql_ops={"searched": "gin_trgm_ops"},
        ),
        Index("earlier_projects_words", "words", postgresql_using="gin"),
        Index("earlier_projects_pairs", "pairs", postgresql_using="gin"),
        Index("earlier_projects_people", "people", postgresql_using="gin"),
    )

    id: UUID = Field(primary_key=True)
    batch_id: UUID
    """The import that last changed it; the id of the EarlierProjectsImported fact."""
    source: str
    number: str
    title: str
    abstract: str
    institution: str
    people: list[str] = Field(sa_type=Json)
    amount: Decimal | None = Field(default=None, sa_type=MoneyAmount)
    currency: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    programme: str
    grade: str
    language: str
    sorted_on: date
    searched: str
    """Number, title, institution, people and programme in one text, for finding any part of them."""
    pairs: list[str] = Field(sa_type=ARRAY(Text))
    """The pairs of Chinese characters in it (rules.pairs)."""
    words: Any = Field(default=None, sa_column=Column(TSVECTOR, Computed(WORDS, persisted=True)))
    imported_at: datetime = Field(sa_type=UtcDateTime)
