"""Agreements on results for programs."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path, Query, Request, Response

from services.project_management.differences import SingleDifferenceRead, VersionChangesRead
from services.project_management.receipts.sending import PDF, paper_answer
from services.project_management.rights import actions, queries
from services.project_management.rights.rules import READ, SIGN, WRITE, State, Waiting
from services.project_management.rights.schemas import (
    AgreementList,
    AgreementRead,
    AgreementVersionList,
    AgreementVersionRead,
    PartyRefusalCreate,
    PartySignatureCreate,
    ReopeningCreate,
    TermsUpdate,
)
from services.project_management.rights.words import both_papers
from shared.db.history import names
from shared.db.work import Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_
from shared.web.edge import IfMatchDep, ReadDep, WorkDep, api_room, etag
from shared.web.paging import CursorParam, LimitParam, SearchParam

api = api_room("rights")
SortParam = Literal["waits", "-waits", "title", "-title", "created_at", "-created_at"]
Number = Annotated[int, Path(ge=1, le=9999)]
Since = Annotated[int | None, Query(ge=1, le=9999, description="The version to compare with; the one before")]


async def _agreement(rows: Rows, agreement_id: UUID, response: Response) -> Any:
    row = await queries.agreement(rows, agreement_id)
    response.headers["ETag"] = etag(row["version"])
    return row


@api.get("/agreements", allow=READ, response_model=AgreementList)
async def list_agreements(
    read: ReadDep,
    search: SearchParam = "",
    state: Annotated[list[State] | None, Query()] = None,
    waits: Annotated[list[Waiting] | None, Query(description="What it waits for from whoever asks")] = None,
    sort: Annotated[SortParam, Query(description="With a minus: the other way round")] = "-waits",
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Any:
    """What waits for whoever asks stands first."""
    states = [one.value for one in state or []]
    page = await queries.agreements(
        read, search=search, states=states, waits=waits or [], sort=sort, cursor=cursor, limit=limit
    )
    return {"items": page.items, "next_cursor": page.next_cursor}


@api.get("/agreements/{agreement_id}", allow=READ, response_model=AgreementRead)
async def get_agreement(read: ReadDep, agreement_id: UUID, response: Response) -> Any:
    return await _agreement(read, agreement_id, response)


@api.get("/agreements/{agreement_id}/versions/{number}", allow=READ, response_model=AgreementVersionRead)
async def get_agreement_version(read: ReadDep, agreement_id: UUID, number: Number) -> Any:
    """What was put before the parties word for word, and what it changes."""
    return await queries.agreement_version(read, agreement_id, number)


@api.get("/agreements/{agreement_id}/versions", allow=READ, response_model=AgreementVersionList)
async def list_agreement_versions(read: ReadDep, agreement_id: UUID) -> Any:
    """Every version that was put before the parties."""
    await queries.agreement(read, agreement_id)
    return {"items": await queries.versions(read, agreement_id)}


@api.get("/agreements/{agreement_id}/versions/{number}/differences", allow=READ, response_model=VersionChangesRead)
async def get_agreement_differences(read: ReadDep, agreement_id: UUID, number: Number, since: Since = None) -> Any:
    """What differs from another version, value by value, in texts word by word."""
    other = since or max(number - 1, 1)
    found = await queries.changes(read, agreement_id, other, number)
    return {"since": other, "until": number, "changes": [SingleDifferenceRead.of(one) for one in found]}


@api.get("/agreements/{agreement_id}/versions/{number}/paper", allow=READ, responses=PDF)
async def get_agreement_paper(request: Request, read: ReadDep, agreement_id: UUID, number: Number) -> Response:
    """A version that all have signed, as sealed PDF in both languages, with who signed it when."""
    shown = await queries.agreement_version(read, agreement_id, number)
    if shown["paper"] is None:
        raise NotFound(N_("This version is not signed by all."))
    called = await names(read, (one["subject"] for one in shown["signatures"] if one["subject"]))
    return await paper_answer(request, lambda platform, key: both_papers(shown, called, platform, key), shown["paper"])


@api.put("/agreements/{agreement_id}", allow=WRITE, response_model=AgreementRead)
async def write_terms(
    work: WorkDep, agreement_id: UUID, fields: TermsUpdate, version: IfMatchDep, response: Response
) -> Any:
    await actions.write_terms(work, agreement_id, fields, version)
    return await _agreement(work, agreement_id, response)


@api.post("/agreements/{agreement_id}/proposal", allow=WRITE, response_model=AgreementRead)
async def propose_agreement(work: WorkDep, agreement_id: UUID, version: IfMatchDep, response: Response) -> Any:
    """Put it before the parties; refused while a share does not add up or the inventors get less than the floor."""
    await actions.propose_agreement(work, agreement_id, version)
    return await _agreement(work, agreement_id, response)


@api.post("/agreements/{agreement_id}/signatures", allow=SIGN, response_model=AgreementRead)
async def sign_agreement(
    work: WorkDep, agreement_id: UUID, fields: PartySignatureCreate, version: IfMatchDep, response: Response
) -> Any:
    """Sign for one party; the last signature puts the version in force."""
    await actions.sign_agreement(work, agreement_id, fields, version)
    return await _agreement(work, agreement_id, response)


@api.post("/agreements/{agreement_id}/refusal", allow=SIGN, response_model=AgreementRead)
async def refuse_agreement(
    work: WorkDep, agreement_id: UUID, fields: PartyRefusalCreate, version: IfMatchDep, response: Response
) -> Any:
    await actions.refuse_agreement(work, agreement_id, fields, version)
    return await _agreement(work, agreement_id, response)


@api.post("/agreements/{agreement_id}/reopening", allow=WRITE, response_model=AgreementRead)
async def reopen_agreement(
    work: WorkDep, agreement_id: UUID, fields: ReopeningCreate, version: IfMatchDep, response: Response
) -> Any:
    await actions.reopen_agreement(work, agreement_id, fields, version)
    return await _agreement(work, agreement_id, response)
