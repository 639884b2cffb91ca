"""Declared relations, for programs: always one's own."""

from uuid import UUID

from fastapi import Response

from services.project_management.relations import actions, queries
from services.project_management.relations.rules import DECLARE, OWN
from services.project_management.relations.schemas import RelationCreate, RelationList, RelationRead
from shared.db.work import Rows
from shared.web.edge import Json, ReadDep, WorkDep, api_room

api = api_room("relations")


async def _answer(rows: Rows, status: int = 200) -> Response:
    found = [RelationRead.model_validate(one) for one in await queries.mine(rows)]
    return Json(RelationList(items=found).model_dump(mode="json"), status_code=status)


@api.get("/relations", allow=DECLARE, response_model=RelationList)
async def list_relations(read: ReadDep) -> Response:
    """Whom you supervised, who supervised you and who is close to you, as you declared it."""
    return await _answer(read)


@api.post("/relations", allow=DECLARE, status_code=201, response_model=RelationList)
async def declare_relation(work: WorkDep, fields: RelationCreate) -> Response:
    """Declare who somebody is to you. It keeps you from reviewing each other's applications."""
    await actions.declare_relation(work, fields)
    await work.flush()
    return await _answer(work, 201)


@api.post("/relations/{relation_id}/removal", allow=OWN, response_model=RelationList)
async def take_back(work: WorkDep, relation_id: UUID) -> Response:
    await actions.take_back(work, relation_id)
    await work.flush()
    return await _answer(work)
