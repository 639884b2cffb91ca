"""When the service ran, and when it did not."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from services.project_management.tables import Aggregate, Base
from shared.contracts.base import ThingRef
from shared.contracts.projects import OutageRecorded
from shared.db.rows import UtcDateTime
from shared.kernel.ids import new_id
from shared.kernel.marks import N_


class Uptime(Base, table=True):
    """A stretch of time in which some process of the service was alive. `until` moves on with every beat, so what a
    killed process leaves behind is right to a few seconds."""

    __tablename__ = "uptimes"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    since: datetime = Field(sa_type=UtcDateTime)
    until: datetime = Field(sa_type=UtcDateTime)


class Outage(Aggregate, table=True):
    """The gap between two uptimes."""

    __tablename__ = "outages"
    __table_args__ = (Index("outages_list", "started_at"),)

    started_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime = Field(sa_type=UtcDateTime)
    calls: int = 0
    """How many calls close later for it."""

    @property
    def ref(self) -> ThingRef:
        return ThingRef(kind="outage", id=self.id)

    def recorded(self) -> OutageRecorded:
        return OutageRecorded(
            id=self.id,
            version=self.version,
            title=N_("Project management was down"),
            started_at=self.started_at,
            ended_at=self.ended_at,
            calls=self.calls,
        )
