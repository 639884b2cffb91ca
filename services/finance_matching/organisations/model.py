"""Organisations as the catalogue told them: a projection, never written by a person's action."""

from uuid import UUID

from sqlmodel import Field

from services.finance_matching.tables import Base


class Organisation(Base, table=True):
    """`described` is the source version of the description: a suspension carries none and may be heard first."""

    __tablename__ = "organisations"

    id: UUID = Field(primary_key=True)
    version: int
    described: int = 0
    name: str
    kind: str = ""
    sector: str = ""
    region: str = ""
    state: str
