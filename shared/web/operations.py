"""How events flow through a service, for administrators: what was said, where it arrived, what was set aside.

No content of any fact is shown here: an administrator looks after the pipes, not after what runs through them.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared.bus import operations
from shared.kernel.policy import roles
from shared.kernel.schemas import Line, Schema
from shared.kernel.types import Role
from shared.web.edge import ActorDep, Json, ReadDep, Room, api_room, page_room, service_of
from shared.web.forms import read_form
from shared.web.i18n import _
from shared.web.pages import redirect

OPERATE = roles("events.operate", Role.ADMINISTRATOR)
ParkedId = Annotated[int, Path(ge=1, le=2**62)]
Since = Annotated[AwareDatetime, Query(description="Recorded at this time or later")]


class ReactionRead(BaseModel):
    reaction: str
    subjects: dict[str, list[str]]


class FactRead(BaseModel):
    """One event of this service's outbox, without its content."""

    event_id: UUID
    type: str
    subject: UUID
    recorded_at: datetime
    published_at: datetime | None
    correlation_id: UUID


class ArrivalRead(BaseModel):
    event_id: UUID
    reaction: str
    handled_at: datetime


class ParkedRead(BaseModel):
    id: int
    reaction: str
    event_id: UUID
    type: str
    subject: UUID
    version: int
    state: str
    reason: str
    tries: int
    parked_at: datetime


class DropCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The thing it speaks of was a test."}]})

    reason: Line


class Facts(BaseModel):
    items: list[FactRead]


class Arrivals(BaseModel):
    items: list[ArrivalRead]


class Parked(BaseModel):
    items: list[ParkedRead]


class Hearing(BaseModel):
    items: list[ReactionRead]


class Outcome(BaseModel):
    outcome: str


_PARKED = """SELECT id, reaction, event_id, type, subject, version, state, reason, tries, parked_at FROM parked_events
             WHERE resolved_at IS NULL ORDER BY id LIMIT 500"""
_MOST = 5000


def operations_api() -> Room:
    api = api_room("events")

    @api.get("/events/reactions", allow=OPERATE, response_model=Hearing)
    async def reactions(request: Request) -> Response:
        """What this service listens to."""
        hearing = service_of(request).reactions
        return Json({"items": [{"reaction": r.name, "subjects": r.subjects()} for r in hearing]})

    @api.get("/events/facts", allow=OPERATE, response_model=Facts)
    async def facts(read: ReadDep, since: Since) -> Response:
        """What this service said, oldest first."""
        found = await read.rows(
            """SELECT event_id, type, subject, recorded_at, published_at, correlation_id FROM outbox
               WHERE recorded_at >= %(since)s ORDER BY seq LIMIT %(most)s""",
            {"since": since, "most": _MOST},
        )
        return Json({"items": found})

    @api.get("/events/arrivals", allow=OPERATE, response_model=Arrivals)
    async def arrivals(read: ReadDep, since: Since) -> Response:
        """Which facts reached which reaction, and when."""
        found = await read.rows(
            """SELECT event_id, reaction, handled_at FROM inbox WHERE handled_at >= %(since)s
               ORDER BY handled_at LIMIT %(most)s""",
            {"since": since, "most": _MOST * 4},
        )
        return Json({"items": found})

    @api.get("/events/parked", allow=OPERATE, response_model=Parked)
    async def parked(read: ReadDep) -> Response:
        """Events set aside with their reasons."""
        return Json({"items": await read.rows(_PARKED)})

    @api.post("/events/parked/{parked_id}/retry", allow=OPERATE, response_model=Outcome)
    async def retry(request: Request, parked_id: ParkedId) -> Response:
        """Run a parked event again; those of its thing that wait behind it follow."""
        return Json({"outcome": str(await operations.replay_parked(service_of(request).database, parked_id))})

    @api.post("/events/parked/{parked_id}/drop", allow=OPERATE, response_model=Outcome)
    async def drop(request: Request, actor: ActorDep, parked_id: ParkedId, fields: DropCreate) -> Response:
        """Give a parked event up for good, with the reason."""
        database = service_of(request).database
        outcome = await operations.drop_parked(database, parked_id, fields.reason, by=actor.subject)
        return Json({"outcome": str(outcome)})

    return api


def operations_pages() -> Room:
    pages = page_room("events")

    @pages.get("/events", allow=OPERATE)
    async def overview(request: Request, read: ReadDep) -> Response:
        service = service_of(request)
        return service.pages.render(
            request,
            "frame/operations.html",
            lag=await operations.lag(service.database, service.bus, service.reactions),
            parked=await read.rows(_PARKED),
            service_title=service.title,
            prefix=service.prefix.rstrip("/"),
        )

    @pages.post("/events/parked/{parked_id}/retry", allow=OPERATE)
    async def retry(request: Request, parked_id: ParkedId) -> Response:
        service = service_of(request)
        await operations.replay_parked(service.database, parked_id)
        return redirect(f"{service.prefix.rstrip('/')}/events", notice=_("The event is run again."))

    @pages.post("/events/parked/{parked_id}/drop", allow=OPERATE)
    async def drop(request: Request, actor: ActorDep, parked_id: ParkedId) -> Response:
        service = service_of(request)
        posted = await read_form(request)
        reason = posted.get("reason") or ""
        if not reason.strip():
            return redirect(
                f"{service.prefix.rstrip('/')}/events", notice=_("Give the reason for dropping it."), tone="danger"
            )
        await operations.drop_parked(service.database, parked_id, reason.strip()[:300], by=actor.subject)
        return redirect(f"{service.prefix.rstrip('/')}/events", notice=_("The event is dropped."))

    return pages
