"""Outages for programs."""

from fastapi import Response

from services.project_management.outages import queries
from services.project_management.outages.rules import READ
from services.project_management.outages.schemas import OutageList
from shared.web.edge import Json, ReadDep, api_room

api = api_room("outages")


@api.get("/outages", allow=READ, response_model=OutageList)
async def list_outages(read: ReadDep) -> Response:
    """When the service was down, the latest first."""
    return Json({"items": await queries.outages(read)})
