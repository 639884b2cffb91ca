"""The audit trail for programs."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime

from services.coordination.audit import queries
from services.coordination.audit.export import lines
from services.coordination.audit.queries import Question
from services.coordination.audit.rules import EXPORT, READ, VERIFY
from services.coordination.audit.schemas import EntryDetail, EntryList, Verification
from shared.kernel.settings import SERVICE_NAMES
from shared.web.edge import ActorDep, Json, ReadDep, api_room, service_of
from shared.web.paging import CursorParam, LimitParam

api = api_room("audit")
TEXT = r"^[^\x00]*$"


def question(
    service: Annotated[list[str] | None, Query(max_length=len(SERVICE_NAMES))] = None,
    kind: Annotated[str | None, Query(max_length=60, pattern=TEXT, description="Kind of the thing")] = None,
    thing_id: UUID | None = None,
    actor: Annotated[str | None, Query(max_length=200, pattern=TEXT, description="Who did it")] = None,
    type: Annotated[str | None, Query(max_length=200, pattern=TEXT, description="The whole event type")] = None,
    since: Annotated[AwareDatetime | None, Query(description="At this time or later")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Before this time")] = None,
    search: Annotated[str, Query(max_length=200, pattern=TEXT, description="Part of title, actor or type")] = "",
) -> Question:
    return Question(
        services=tuple(name.replace("\x00", "") for name in service or ()),
        kind=kind,
        thing_id=thing_id,
        actor=actor,
        type=type,
        since=_storable(since),
        until=_storable(until),
        search=search,
    )


def _storable(time: datetime | None) -> datetime | None:
    """The ends of the calendar leave it when they are turned to UTC."""
    if time is None:
        return None
    return time.replace(year=min(max(time.year, 2), 9998))


QuestionDep = Annotated[Question, Depends(question)]


@api.get("/audit", allow=READ, response_model=EntryList)
async def list_entries(
    read: ReadDep, asked: QuestionDep, cursor: CursorParam = None, limit: LimitParam = 50
) -> Response:
    """Facts of every service, newest first."""
    page = await queries.entries(read, asked, cursor=cursor, limit=limit)
    return Json({"items": page.items, "next_cursor": page.next_cursor})


@api.get("/audit/verification", allow=VERIFY, response_model=Verification)
async def verify(read: ReadDep) -> Any:
    """Recompute every hash chain and say where the first entry does not fit."""
    checks = await queries.verification(read)
    everything = queries.sees_everything(read)
    return {
        "ok": all(check.ok for check in checks),
        "services": [
            {
                "service": check.service,
                "count": check.count if everything else None,
                "ok": check.ok,
                "first_broken": check.first_broken,
            }
            for check in checks
        ],
    }


@api.get(
    "/audit/export",
    allow=EXPORT,
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "CSV, newest first"}},
)
async def export(request: Request, actor: ActorDep, asked: QuestionDep) -> Response:
    """The same entries as a table; no cell is taken for a formula."""
    return StreamingResponse(
        lines(service_of(request).database, actor, asked),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="audit.csv"'},
    )


@api.get("/audit/{event_id}", allow=READ, response_model=EntryDetail)
async def get_entry(read: ReadDep, event_id: UUID) -> Response:
    """One fact with its content."""
    return Json(await queries.entry(read, event_id))
