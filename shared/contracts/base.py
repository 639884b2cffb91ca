"""What every event has. A contract is frozen: a change of meaning is a new version beside the old one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.kernel.types import Role, SecurityLabel


class ThingRef(BaseModel):
    """A thing of some service, named by kind and id, for the causal chain."""

    model_config = ConfigDict(frozen=True)

    kind: str
    id: UUID


class Event(BaseModel):
    """A fact about one thing (the aggregate).

    `id` and `version` are the thing's; versions of one thing rise by one with every event about it. `owners` are the
    organisations concerned and `label` its security label: whoever shows the fact checks both. `arises_from` names
    the things that caused this one, so that a chain can be opened from any end.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: ClassVar[str]
    thing: ClassVar[str]
    state: ClassVar[str] = ""
    """The word the thing's state carries after this fact; empty when the fact does not change it."""
    state_in: ClassVar[str] = ""
    """The field that holds this word, for a fact that tells of several states."""

    id: UUID
    version: int = Field(ge=1)
    title: str
    label: SecurityLabel = SecurityLabel.PUBLIC
    owners: tuple[UUID, ...] = ()
    arises_from: tuple[ThingRef, ...] = ()

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if "type" in cls.__dict__:
            known = EVENTS.setdefault(cls.type, cls)
            if known.__qualname__ != cls.__qualname__:
                raise TypeError(f"{cls.type} is declared twice")
            cls.thing = cls.type.split(".")[2]

    @classmethod
    def state_of(cls, data: Mapping[str, Any]) -> str:
        """The state that a fact with this content leaves its thing in; empty when it does not change it."""
        return str(data[cls.state_in]) if cls.state_in else cls.state

    @classmethod
    def service(cls) -> str:
        return cls.type.split(".")[1]


EVENTS: dict[str, type[Event]] = {}
"""Every event the platform knows, by type."""


class TaskAssigned(Event):
    """Something waits for a person (`subject`), or for whoever holds `role` for `organisation_id` (None: any).

    `id` is the task's; the service that assigns it also says when it is done. Abstract: each service has its own type.
    """

    thing: ClassVar[str] = "task"

    subject: str | None = None
    role: Role | None = None
    organisation_id: UUID | None = None
    except_for: tuple[str, ...] = ()
    """Subjects who hold the role and could not do it, for they had a hand in what it is about."""
    kind: str
    """What is to be done, one of the worklist's known kinds, such as `application.check`."""
    url: str
    due_at: datetime | None = None
    about: ThingRef


class TaskDone(Event):
    """The task is no longer open; `outcome` says why, in a word."""

    thing: ClassVar[str] = "task"

    outcome: str = "done"
