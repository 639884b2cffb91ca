"""Forms for programs: read, exported and imported as JSON Schema."""

from uuid import UUID

from fastapi import Response

from services.project_management.forms import actions, queries
from services.project_management.forms.desk import SCHEMA, lay_api
from services.project_management.forms.rules import DESIGN, READ
from services.project_management.forms.schemas import FormCopy, FormUpdate
from shared.db.work import Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_
from shared.web.edge import IfMatchDep, Json, ReadDep, WorkDep, api_room, etag

api = api_room("forms")


async def _answer(rows: Rows, call_id: UUID, version: int) -> Response:
    found = await queries.working_form(rows, call_id)
    return Json(found["schema"] or {}, headers={"ETag": etag(version)})


@api.get("/calls/{call_id}/form", allow=READ, responses=SCHEMA)
async def get_form(read: ReadDep, call_id: UUID) -> Response:
    """What an application to this call has to answer, as JSON Schema 2020-12."""
    found = await queries.released_form(read, call_id)
    return Json(found["schema"], media_type="application/schema+json")


@api.get("/calls/{call_id}/form/draft", allow=DESIGN, responses=SCHEMA)
async def get_form_draft(read: ReadDep, call_id: UUID) -> Response:
    """The form as its office writes it; in a released call what an amendment may make of it."""
    found = await queries.working_form(read, call_id)
    DESIGN.require(read.actor, owners={found["call"]["organisation_id"]}, thing="call")
    if not found["schema"]:
        raise NotFound(N_("This call has no application form."))
    return Json(found["schema"], media_type="application/schema+json", headers={"ETag": etag(found["version"])})


@api.put("/calls/{call_id}/form", allow=DESIGN, responses=SCHEMA)
async def put_form(work: WorkDep, call_id: UUID, fields: FormUpdate, version: IfMatchDep) -> Response:
    """Replace the whole form. One that contradicts itself is refused, with every question and what to change."""
    after = await actions.change_form(work, call_id, actions.replaced(fields.root), version)
    return await _answer(work, call_id, after)


@api.post("/calls/{call_id}/form/copy", allow=DESIGN, responses=SCHEMA)
async def copy_form(work: WorkDep, call_id: UUID, fields: FormCopy, version: IfMatchDep) -> Response:
    return await _answer(work, call_id, await actions.take_form(work, call_id, fields, version))


@api.post("/calls/{call_id}/form/discard", allow=DESIGN, responses=SCHEMA)
async def give_up_changes(work: WorkDep, call_id: UUID, version: IfMatchDep) -> Response:
    """Throw away what the form of a released call was to become."""
    await actions.give_up_changes(work, call_id, version)
    return await _answer(work, call_id, 0)


lay_api(api, "/calls/{call_id}/form", DESIGN, actions.change_form, _answer)
