"""What was handed in, for programs."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Request, Response

from services.project_management.differences import DifferenceRead
from services.project_management.receipts.keys import signing_key
from services.project_management.receipts.paper import drawn
from services.project_management.submissions import queries
from services.project_management.submissions.rules import CONSENTED, READ
from services.project_management.submissions.schemas import ChangesRead, ConsentChangesRead, SubmittedVersionList
from services.project_management.submissions.words import receipt_paper
from shared.kernel.errors import Unavailable
from shared.kernel.marks import N_
from shared.web.edge import Json, ReadDep, api_room, service_of
from shared.web.i18n import language
from shared.web.static_files import VENDOR

api = api_room("submissions")
FONT = VENDOR / "noto-sans-sc.ttf"
Number = Annotated[int, Path(ge=1, le=10_000)]
Since = Annotated[int | None, Query(ge=1, le=10_000, description="The version to compare with; the one before")]


@api.get("/applications/{application_id}/versions", allow=READ, response_model=SubmittedVersionList)
async def list_versions(read: ReadDep, application_id: UUID) -> Response:
    return Json({"items": await queries.versions(read, application_id)})


@api.get("/applications/{application_id}/versions/{number}/differences", allow=READ, response_model=ChangesRead)
async def get_differences(read: ReadDep, application_id: UUID, number: Number, since: Since = None) -> Response:
    """What differs from an earlier submitted version, field by field, in texts word by word."""
    earlier = since or max(number - 1, 1)
    found = await queries.changes(read, application_id, earlier, number)
    return Json({"since": earlier, "until": number, "changes": [DifferenceRead.of(one).model_dump() for one in found]})


@api.get("/applications/{application_id}/consent-changes", allow=CONSENTED, response_model=ConsentChangesRead)
async def get_consent_changes(read: ReadDep, application_id: UUID) -> Response:
    """What changed since your organisation last consented to take part, field by field, in texts word by word."""
    found = await queries.since_consent(read, application_id)
    return Json(found | {"changes": [DifferenceRead.of(one).model_dump() for one in found["changes"]]})


@api.get(
    "/applications/{application_id}/versions/{number}/receipt",
    allow=READ,
    responses={200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}},
)
async def get_receipt(request: Request, read: ReadDep, application_id: UUID, number: Number) -> Response:
    """The signed receipt as PDF, in the language asked for; its last line is the seal."""
    facts = await queries.receipt_facts(read, application_id, number)
    settings = service_of(request).settings
    key = signing_key(settings.receipt_key.get_secret_value())
    paper = receipt_paper(facts, settings.address, key.id, language())
    try:
        pdf = await asyncio.to_thread(drawn, paper, FONT)
    except FileNotFoundError:
        raise Unavailable(N_("The font of receipts is missing. Run `make setup` again.")) from None
    headers = {"Content-Disposition": f'inline; filename="{facts["number"]}.pdf"'}
    return Response(key.sealed(pdf), media_type="application/pdf", headers=headers)
