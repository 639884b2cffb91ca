"""Organisations as the catalogue told them: a projection, never written by an action."""

from uuid import UUID

from sqlmodel import Field

from services.ip_registry.tables import Base


class Organisation(Base, table=True):
    __tablename__ = "organisations"

    id: UUID = Field(primary_key=True)
    version: int
    name: str
    state: str
