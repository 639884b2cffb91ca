"""The ledger for programs."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from services.project_management.standing import actions, queries
from services.project_management.standing.rules import (
    ANSWER,
    DECIDE,
    EXCLUSIONS,
    KEEP,
    OWN_EFFECTS,
    PROPOSE,
    READ,
    Kind,
    State,
)
from services.project_management.standing.schemas import (
    AnswerCreate,
    AppealCreate,
    EffectsRead,
    EnforcementCreate,
    EntryCreate,
    EntryList,
    EntryRead,
    EntryReasonCreate,
    ExclusionList,
    NoticeCreate,
    RulingCreate,
)
from shared.db.work import Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_
from shared.web.edge import IfMatchDep, ReadDep, WorkDep, api_room, etag

api = api_room("standing")


async def _entry(rows: Rows, entry_id: UUID, response: Response) -> Any:
    row = await queries.entry(rows, entry_id)
    response.headers["ETag"] = etag(row["version"])
    return row


@api.get("/exclusions", allow=EXCLUSIONS, response_model=ExclusionList)
async def list_exclusions(read: ReadDep) -> Any:
    """Organisations that take part in no application now, by which rule and until when: all that everybody may know."""
    return {"items": await queries.exclusions(read)}


@api.get("/standing", allow=READ, response_model=EntryList)
async def list_entries(
    read: ReadDep,
    search: Annotated[str, Query(max_length=200)] = "",
    state: Annotated[list[State] | None, Query()] = None,
    kind: Annotated[list[Kind] | None, Query()] = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Any:
    """Newest first: an organisation's own from the notice on, the offices' all."""
    page = await queries.entries(
        read,
        search=search,
        states=[one.value for one in state or []],
        kinds=[one.value for one in kind or []],
        cursor=cursor,
        limit=limit,
    )
    return {"items": page.items, "next_cursor": page.next_cursor}


@api.get("/standing/effects", allow=OWN_EFFECTS, response_model=EffectsRead)
async def get_effects(read: ReadDep) -> Any:
    """What the ledger comes to today for your organisation, and for you as the leader of a team."""
    found = await queries.own_effects(read)
    if found is None:
        raise NotFound(N_("You apply for no organisation, so the ledger has no effect on you."))
    return found


@api.post("/standing", allow=PROPOSE, status_code=201, response_model=EntryRead)
async def propose_entry(work: WorkDep, fields: EntryCreate, response: Response) -> Any:
    """Put an entry forward. Its subject learns of it with the notice."""
    entry = await actions.propose_entry(work, fields)
    response.headers["Location"] = f"/projects/api/v1/standing/{entry.id}"
    return await _entry(work, entry.id, response)


@api.get("/standing/{entry_id}", allow=READ, response_model=EntryRead)
async def get_entry(read: ReadDep, entry_id: UUID, response: Response) -> Any:
    return await _entry(read, entry_id, response)


@api.post("/standing/{entry_id}/notice", allow=KEEP, response_model=EntryRead)
async def give_notice(
    work: WorkDep, entry_id: UUID, fields: NoticeCreate, version: IfMatchDep, response: Response
) -> Any:
    await actions.give_notice(work, entry_id, fields.days, version)
    return await _entry(work, entry_id, response)


@api.post("/standing/{entry_id}/answer", allow=ANSWER, response_model=EntryRead)
async def answer_notice(
    work: WorkDep, entry_id: UUID, fields: AnswerCreate, version: IfMatchDep, response: Response
) -> Any:
    await actions.answer_notice(work, entry_id, fields.text, version)
    return await _entry(work, entry_id, response)


@api.post("/standing/{entry_id}/enforcement", allow=KEEP, response_model=EntryRead)
async def enforce_entry(
    work: WorkDep, entry_id: UUID, fields: EnforcementCreate, version: IfMatchDep, response: Response
) -> Any:
    """Put the entry in force from today, for as long as its tariff says."""
    await actions.enforce_entry(work, entry_id, fields.note, version)
    return await _entry(work, entry_id, response)


@api.post("/standing/{entry_id}/withdrawal", allow=KEEP, response_model=EntryRead)
async def withdraw_entry(
    work: WorkDep, entry_id: UUID, fields: EntryReasonCreate, version: IfMatchDep, response: Response
) -> Any:
    await actions.withdraw_entry(work, entry_id, fields.reason, version)
    return await _entry(work, entry_id, response)


@api.post("/standing/{entry_id}/appeal", allow=ANSWER, response_model=EntryRead)
async def appeal_entry(
    work: WorkDep, entry_id: UUID, fields: AppealCreate, version: IfMatchDep, response: Response
) -> Any:
    """Once, within 30 days of the day it came into force. Its effects last meanwhile."""
    await actions.appeal_entry(work, entry_id, fields.text, version)
    return await _entry(work, entry_id, response)


@api.post("/standing/{entry_id}/ruling", allow=DECIDE, response_model=EntryRead)
async def rule_on_appeal(
    work: WorkDep, entry_id: UUID, fields: RulingCreate, version: IfMatchDep, response: Response
) -> Any:
    """Uphold or lift what was appealed; by somebody without a hand in the entry."""
    await actions.rule_on_appeal(work, entry_id, fields.decision, fields.reason, version)
    return await _entry(work, entry_id, response)
