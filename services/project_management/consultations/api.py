"""Consultations for programs."""

from uuid import UUID

from fastapi import Response

from services.project_management.consultations import actions, queries, rules
from services.project_management.consultations.rules import ANSWER, CONSULT, READ
from services.project_management.consultations.schemas import (
    CandidateList,
    ConsultationCreate,
    OpinionRead,
    OpinionUpdate,
    PriorityCreate,
    PriorityRead,
    RecusalCreate,
)
from shared.db.work import Rows
from shared.web.edge import IfMatchDep, Json, ReadDep, WorkDep, api_room, etag

api = api_room("consultations")


async def _own(rows: Rows, requirement_id: UUID) -> Response:
    row = await queries.own_opinion(rows, requirement_id)
    shown = {name: row[name] for name in OpinionRead.model_fields}
    return Json(shown, headers={"ETag": etag(row["version"])})


async def _invited(rows: Rows, requirement_id: UUID) -> Response:
    shown = ("id", "name", "fields", "knows", "barred", "opinion")
    row = await queries.for_office(rows, requirement_id)
    items = [{name: expert[name] for name in shown} for expert in await queries.candidates(rows, requirement_id)]
    return Json({"items": items}, headers={"ETag": etag(row["version"])})


@api.get("/requirements/{requirement_id}/experts", allow=CONSULT, response_model=CandidateList)
async def list_candidates(read: ReadDep, requirement_id: UUID) -> Response:
    """Who can be asked, and why some are not; the ETag is the requirement's."""
    return await _invited(read, requirement_id)


@api.post("/requirements/{requirement_id}/consultation", allow=CONSULT, response_model=CandidateList)
async def consult(work: WorkDep, requirement_id: UUID, fields: ConsultationCreate, version: IfMatchDep) -> Response:
    """Invite experts, also more of them later."""
    await actions.consult(work, requirement_id, fields, version)
    return await _invited(work, requirement_id)


@api.get("/requirements/{requirement_id}/opinion", allow=ANSWER, response_model=OpinionRead)
async def get_opinion(read: ReadDep, requirement_id: UUID) -> Response:
    """Your own."""
    return await _own(read, requirement_id)


@api.put("/requirements/{requirement_id}/opinion", allow=ANSWER, response_model=OpinionRead)
async def give_opinion(work: WorkDep, requirement_id: UUID, fields: OpinionUpdate, version: IfMatchDep) -> Response:
    await actions.give_opinion(work, requirement_id, fields, version)
    return await _own(work, requirement_id)


@api.post("/requirements/{requirement_id}/recusal", allow=ANSWER, status_code=204)
async def recuse(work: WorkDep, requirement_id: UUID, fields: RecusalCreate, version: IfMatchDep) -> Response:
    """Step aside; the requirement is closed to you from now on."""
    await actions.recuse(work, requirement_id, fields, version)
    return Response(status_code=204)


@api.get("/requirements/{requirement_id}/priority", allow=READ, response_model=PriorityRead)
async def preview_priority(read: ReadDep, requirement_id: UUID) -> Response:
    """What the rule gives on what is known now. The fixed one stands in the requirement."""
    await queries.for_office(read, requirement_id)
    trace = rules.prioritise(await queries.priority_inputs(read, requirement_id))
    return Json({"trace": trace.model_dump(mode="json")})


@api.post("/requirements/{requirement_id}/priority", allow=CONSULT, response_model=PriorityRead)
async def prioritise(work: WorkDep, requirement_id: UUID, fields: PriorityCreate, version: IfMatchDep) -> Response:
    """End the consultation and fix the priority."""
    requirement = await actions.prioritise(work, requirement_id, fields, version)
    return Json({"trace": requirement.priority_trace}, headers={"ETag": etag(requirement.version)})
