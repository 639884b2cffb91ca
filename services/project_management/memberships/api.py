"""The people of an application, for programs."""

from uuid import UUID

from fastapi import Request, Response

from services.project_management.memberships import actions, queries
from services.project_management.memberships.rules import ANSWER, MINE, NAME, READ
from services.project_management.memberships.schemas import (
    ChoiceRead,
    DepartureCreate,
    MemberRead,
    PartList,
    PartRead,
    TeamRead,
    TeamUpdate,
)
from services.project_management.teams.queries import mine
from shared.db.work import Rows
from shared.web.edge import IfMatchDep, Json, ReadDep, WorkDep, api_room, etag, service_of

api = api_room("memberships")


async def _team(rows: Rows, application_id: UUID) -> Response:
    found = await queries.people(rows, application_id)
    version = found["application"]["version"]
    body = TeamRead(
        version=version,
        people=[MemberRead.model_validate(one) for one in found["people"]],
        choices=[
            ChoiceRead(
                key=one.key,
                name=one.name,
                name_zh=one.name_zh,
                organisation_id=one.organisation_id,
                signs_in=one.subject is not None,
            )
            for one in found["choices"]
        ],
    )
    return Json(body.model_dump(mode="json"), headers={"ETag": etag(version)})


@api.get("/applications/{application_id}/people", allow=READ, response_model=TeamRead)
async def get_people(read: ReadDep, application_id: UUID) -> Response:
    """Who leads it and who works in it; empty while nobody was named: then who drafted it leads it."""
    return await _team(read, application_id)


@api.put("/applications/{application_id}/people", allow=NAME, response_model=TeamRead)
async def name_people(
    request: Request, work: WorkDep, application_id: UUID, fields: TeamUpdate, version: IfMatchDep
) -> Response:
    """Say who leads a draft and who works in it. Each person who signs in is told, and can take the name off."""
    key = service_of(request).settings.address_key.get_secret_value()
    await actions.name_people(work, application_id, fields, version, key)
    await work.flush()
    return await _team(work, application_id)


@api.get("/memberships", allow=MINE, response_model=PartList)
async def list_parts(read: ReadDep) -> Response:
    """Where you are named."""
    found = [PartRead.model_validate(one) for one in await mine(read)]
    return Json(PartList(items=found).model_dump(mode="json"))


async def _part(rows: Rows, member_id: UUID) -> Response:
    found = PartRead.model_validate(await queries.part(rows, member_id))
    return Json(found.model_dump(mode="json"), headers={"ETag": etag(found.version)})


@api.get("/memberships/{member_id}", allow=ANSWER, response_model=PartRead)
async def get_part(read: ReadDep, member_id: UUID) -> Response:
    return await _part(read, member_id)


@api.post("/memberships/{member_id}/agreement", allow=ANSWER, response_model=PartRead)
async def agree(work: WorkDep, member_id: UUID, version: IfMatchDep) -> Response:
    await actions.answer(work, member_id, None, version)
    await work.flush()
    return await _part(work, member_id)


@api.post("/memberships/{member_id}/departure", allow=ANSWER, response_model=PartRead)
async def leave(work: WorkDep, member_id: UUID, fields: DepartureCreate, version: IfMatchDep) -> Response:
    """Take your name off, with a reason that the lead reads. What was handed in before still says it."""
    await actions.answer(work, member_id, fields.reason, version)
    await work.flush()
    return await _part(work, member_id)
