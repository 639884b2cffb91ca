"""Tasks as the services said them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from services.coordination.tables import Base
from shared.db.rows import UtcDateTime


class Task(Base, table=True):
    """Something that waits for a person, or for the holders of a role; `version` is the saying service's."""

    __tablename__ = "tasks"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'done')", name="tasks_state"),
        CheckConstraint("label IN ('public', 'internal', 'controlled', 'confidential')", name="tasks_label"),
        Index("tasks_subject", "subject", postgresql_where="state = 'open'"),
        Index("tasks_role", "role", "organisation_id", postgresql_where="state = 'open'"),
    )

    id: UUID = Field(primary_key=True)
    version: int
    service: str
    state: str
    title: str
    label: str
    kind: str = ""
    subject: str | None = None
    role: str | None = None
    organisation_id: UUID | None = None
    except_for: list[str] = Field(default_factory=list, sa_type=ARRAY(Text), sa_column_kwargs={"server_default": "{}"})
    """Holders of the role whom it does not wait for."""
    url: str = ""
    about_kind: str = ""
    about_id: UUID | None = None
    assigned_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: str = ""
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
